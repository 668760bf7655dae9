import { createHash } from 'node:crypto';
import * as z from 'zod';
import { SecretUnreadable } from '../runtime/errors.ts';
import type { PurposeKeys } from '../runtime/keys.ts';
import { accountOfCredential, declaredAccount, type AccountIdentity } from './account.ts';
import { plainWords, problemsOf } from '../runtime/schema-problems.ts';
import { InvalidConnections, InvalidOrderId, UnknownConnection } from './errors.ts';
import { isSafeBaseUrl, type HttpClient, type HttpTarget } from './http-client.ts';
import { withoutCredential } from './own-credential.ts';
import type { Provider, ProviderClient } from './provider.ts';
import { PROVIDERS } from './registry.ts';

export type { AccountIdentity } from './account.ts';

/** One account at a provider, as the operator declares it: everything but its credential. */
export interface ConnectionDeclaration {
  readonly name: string;
  readonly provider: string;
  readonly baseUrl: string;
  /** Base URLs at which the same account lay before it moved. */
  readonly formerly?: readonly string[] | undefined;
  /** How long after a lost ask its provider may still be acting on it. */
  readonly quietPeriodSeconds: number;
  /** How long one call may take at the most. */
  readonly timeoutSeconds: number;
  /** The IANA time zone in which the account reckons its days. */
  readonly timeZone: string;
  /** Which of its unpaid orders are cancelled on a schedule; none where there is no rule. */
  readonly cancelUnpaid?: UnpaidRule | undefined;
  /** The fields that only this provider has, as its own schema parsed them. */
  readonly settings: unknown;
}

/** A connection with its credential read: ready to be called. */
export interface OpenConnection {
  readonly name: string;
  readonly provider: Provider;
  readonly quietPeriodMs: number;
  readonly timeoutMs: number;
  readonly timeZone: string;
  readonly cancelUnpaid?: UnpaidRule | undefined;
  /** Tells one credential from the next without keeping either. */
  readonly credentialDigest: string;
  readonly account: AccountIdentity;
  readonly client: ProviderClient;
}

export interface Connections {
  names(): string[];
  /** Throws `UnknownConnection`. */
  get(name: string): ConnectionDeclaration;
  /** Throws `UnknownConnection`. */
  providerOf(name: string): Provider;
  /** The connection's account, as far as it can be told without its credential. Throws `UnknownConnection`. */
  declaredAccount(name: string): AccountIdentity;
  /** Throws `UnknownConnection`, or `InvalidOrderId` where the id is not of the provider's form. */
  checkOrderId(name: string, orderId: string): void;
  /** `fresh`: reads the credential anew instead of from a cache. Throws `UnknownConnection`, and what reading the credential throws. */
  open(name: string, options?: { fresh?: boolean }): Promise<OpenConnection>;
}

const SENDABLE = /^[\x20-\x7e]+$/;
const NAME = /^[a-z0-9][a-z0-9-]{0,62}$/;

const unpaidRule = z.strictObject({
  /** A day at the least: with its time zone declared wrong, an order may seem to be older than it is by nearly as much. */
  olderThanHours: z.int().min(24).max(8_760),
  /** From where its orders come that may be cancelled. */
  origins: z.array(z.string()).min(1),
  mostPerRun: z.int().min(1).max(100).default(20),
  /** false: no order of the account is to be paid on delivery, so one that does not say whether it is may be cancelled. */
  cashOnDelivery: z.boolean().default(true),
  /** Only says what it would cancel, until it is told otherwise. */
  dryRun: z.boolean().default(true),
});
/** When to stop waiting for an order's payment. */
export type UnpaidRule = Readonly<z.infer<typeof unpaidRule>>;

/** Earlier base URLs that a connection may declare: DynamoDB writes no more than a hundred items at once. */
export const MOST_MOVES = 20;

const usableUrl = z.string().refine(isUsableBaseUrl, {
  error: 'must be an https URL (http only for a loopback host), without user, query or fragment',
});

const common = z.strictObject({
  baseUrl: usableUrl,
  formerly: z
    .array(usableUrl)
    .refine((urls) => urls.length <= MOST_MOVES, { error: `may list ${MOST_MOVES} at the most` })
    .optional(),
  quietPeriodSeconds: z.int().min(1).max(86_400).default(120),
  timeoutSeconds: z.number().min(1).max(20).default(15),
  cancelUnpaid: unpaidRule.optional(),
});

/**
 * The declarations by name. Throws `InvalidConnections`, which names each wrong field; an unknown field is wrong too, so that
 * a misspelt one is not quietly ignored, and so is a second name for an account.
 */
export function parseConnections(json: unknown): ReadonlyMap<string, ConnectionDeclaration> {
  const entries = z.record(z.string(), z.unknown()).safeParse(json, { error: plainWords });
  if (!entries.success) throw new InvalidConnections(problemsOf('connections', entries.error));
  if (Object.keys(entries.data).length === 0) throw new InvalidConnections(['connections: there is none']);

  const declarations = new Map<string, ConnectionDeclaration>();
  const problems: string[] = [];
  for (const [name, fields] of Object.entries(entries.data)) {
    const parsed = parseDeclaration(name, fields);
    if (Array.isArray(parsed)) problems.push(...parsed);
    else declarations.set(name, parsed);
  }
  problems.push(...secondNames([...declarations.values()]));
  if (problems.length > 0) throw new InvalidConnections(problems);
  return declarations;
}

/** What is wrong with connections whose accounts have a name already, as far as declarations can tell. */
function secondNames(declarations: readonly ConnectionDeclaration[]): string[] {
  const names = new Map<string, string>();
  return declarations.flatMap((declaration) => {
    const { name } = declaration;
    const { marks } = declaredAccount(registered(declaration.provider), declaration);
    const taken = marks.find((mark) => names.has(mark));
    for (const mark of marks) if (!names.has(mark)) names.set(mark, name);
    if (taken === undefined) return [];
    return [`${name}: is the same account as ${names.get(taken)} (${taken}), and an account has one name only`];
  });
}

function registered(name: string): Provider {
  const provider = PROVIDERS.get(name);
  if (provider === undefined) throw new Error(`The provider ${name} is not in the registry.`);
  return provider;
}

/** The declared connections, and the way to call them. */
export function createConnections(needs: {
  declarations: ReadonlyMap<string, ConnectionDeclaration>;
  readCredential: (connection: string, options: { fresh: boolean }) => Promise<string>;
  /** The keys under which credentials tell accounts apart (`runtime/keys.ts`). */
  accountKeys: () => Promise<PurposeKeys>;
  http: (target: HttpTarget) => HttpClient;
}): Connections {
  const get = (name: string): ConnectionDeclaration => {
    const declaration = needs.declarations.get(name);
    if (declaration === undefined) throw new UnknownConnection(name);
    return declaration;
  };
  const providerOf = (name: string): Provider => registered(get(name).provider);
  const accountWithout = (name: string): AccountIdentity => declaredAccount(providerOf(name), get(name));
  const accountWith = async (name: string, reading: Promise<string>): Promise<AccountIdentity> => {
    const declared = accountWithout(name);
    if (declared.marks.length > 0) return declared;
    const [credential, keys] = await Promise.all([reading, needs.accountKeys()]);
    return accountOfCredential(declared, { provider: providerOf(name).name, credential, keys });
  };

  return {
    names: () => [...needs.declarations.keys()],
    get,
    providerOf,
    declaredAccount: accountWithout,
    checkOrderId(name, orderId) {
      const { pattern, description } = providerOf(name).orderId;
      if (!pattern.test(orderId)) throw new InvalidOrderId(description);
    },
    async open(name, options = {}) {
      const declaration = get(name);
      const provider = providerOf(name);
      // A secret that was pasted or piped in often ends in a line break.
      const reading = needs
        .readCredential(name, { fresh: options.fresh ?? false })
        .then((text) => sendable(text.trim(), name));
      const [credential, account] = await Promise.all([reading, accountWith(name, reading)]);
      const target = { connection: name, provider: provider.name, baseUrl: new URL(declaration.baseUrl) };
      const http = withoutCredential(needs.http(target), credential);
      return {
        name,
        provider,
        quietPeriodMs: declaration.quietPeriodSeconds * 1_000,
        timeoutMs: declaration.timeoutSeconds * 1_000,
        timeZone: declaration.timeZone,
        cancelUnpaid: declaration.cancelUnpaid,
        credentialDigest: digestOf(name, credential),
        account,
        client: provider.open({ ...target, settings: declaration.settings, credential, http }),
      };
    },
  };
}

function parseDeclaration(name: string, json: unknown): ConnectionDeclaration | string[] {
  const fields = z.record(z.string(), z.unknown()).safeParse(json, { error: plainWords });
  if (!fields.success) return problemsOf(name, fields.error);
  const {
    provider: providerName,
    baseUrl,
    formerly,
    quietPeriodSeconds,
    timeoutSeconds,
    cancelUnpaid,
    ...ownFields
  } = fields.data;
  const problems = NAME.test(name)
    ? []
    : [`${name}: a name has lower-case letters, digits and hyphens, 63 at the most, no hyphen first`];

  const shared = common.safeParse(
    { baseUrl, formerly, quietPeriodSeconds, timeoutSeconds, cancelUnpaid },
    { error: plainWords },
  );
  if (!shared.success) problems.push(...problemsOf(name, shared.error));

  const provider = typeof providerName === 'string' ? PROVIDERS.get(providerName) : undefined;
  if (provider === undefined)
    return [
      ...problems,
      `${name}.provider: ${providerName === undefined ? 'is missing, and ' : ''}must be one of ${[...PROVIDERS.keys()].join(', ')}`,
    ];
  const own = provider.settings.safeParse(ownFields, { error: plainWords });
  if (!own.success) problems.push(...problemsOf(name, own.error));
  if (cancelUnpaid !== undefined)
    problems.push(...misplaced(`${name}.cancelUnpaid`, shared.data?.cancelUnpaid, provider));

  if (!shared.success || !own.success || problems.length > 0) return problems;
  return { name, provider: provider.name, ...shared.data, timeZone: provider.timeZone(own.data), settings: own.data };
}

/** What is wrong with a rule for unpaid orders at this provider. */
function misplaced(field: string, rule: UnpaidRule | undefined, { name, capabilities, origins }: Provider): string[] {
  if (capabilities.unpaidOrders.evidence === 'absent')
    return [`${field}: ${name} does not tell which orders are unpaid, so none can be cancelled for it`];
  return (rule?.origins ?? []).flatMap((origin, index) =>
    origins.includes(origin) ? [] : [`${field}.origins.${index}: must be one of ${origins.join(', ')}`],
  );
}

/** Throws `SecretUnreadable` for what no header can hold. */
function sendable(credential: string, connection: string): string {
  if (SENDABLE.test(credential)) return credential;
  throw new SecretUnreadable(connection, undefined, 'cannot be sent: it must be ASCII in one line');
}

function isUsableBaseUrl(text: string): boolean {
  const url = URL.parse(text);
  if (url === null || !isSafeBaseUrl(url)) return false;
  return url.username === '' && url.password === '' && url.search === '' && url.hash === '';
}

function digestOf(connection: string, credential: string): string {
  return createHash('sha256').update(`${connection}\0${credential}`).digest('hex').slice(0, 32);
}
