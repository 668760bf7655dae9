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

/** One account at a provider as the operator declares it, without its credential. */
export interface ConnectionDeclaration {
  readonly name: string;
  readonly provider: string;
  readonly baseUrl: string;
  /** Earlier base URLs of the same account. */
  readonly formerly?: readonly string[] | undefined;
  /** How long a lost ask may still take effect. */
  readonly quietPeriodSeconds: number;
  /** The longest that one call may take. */
  readonly timeoutSeconds: number;
  /** The IANA time zone of the account's dates. */
  readonly timeZone: string;
  /** The rule by which unpaid orders are cancelled on a schedule, if any. */
  readonly cancelUnpaid?: UnpaidRule | undefined;
  /** The provider's own fields, as its schema parsed them. */
  readonly settings: unknown;
}

/** A connection whose credential has been read and whose provider can be called. */
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
  /** Returns the connection's account, as far as it is known without the credential. Throws `UnknownConnection`. */
  declaredAccount(name: string): AccountIdentity;
  /** Throws `UnknownConnection`, or `InvalidOrderId` if the id does not have the provider's form. */
  checkOrderId(name: string, orderId: string): void;
  /**
   * `fresh`: reads the credential again instead of using a cached one. Throws `UnknownConnection` and the errors of reading the
   * credential.
   */
  open(name: string, options?: { fresh?: boolean }): Promise<OpenConnection>;
}

const SENDABLE = /^[\x20-\x7e]+$/;
const NAME = /^[a-z0-9][a-z0-9-]{0,62}$/;

const unpaidRule = z.strictObject({
  /** At least a day: if the time zone is declared wrong, an order may seem nearly a day older than it is. */
  olderThanHours: z.int().min(24).max(8_760),
  /** The origins whose orders may be cancelled. */
  origins: z.array(z.string()).min(1),
  mostPerRun: z.int().min(1).max(100).default(20),
  /** false: the account has no orders that are paid on delivery, so an order that does not show `cash on delivery` may be cancelled. */
  cashOnDelivery: z.boolean().default(true),
  /** true: the rule only logs what it would cancel. */
  dryRun: z.boolean().default(true),
});
/** When to stop waiting for an order's payment. */
export type UnpaidRule = Readonly<z.infer<typeof unpaidRule>>;

/** The most earlier base URLs that a connection may declare: DynamoDB writes at most a hundred items at once. */
export const MOST_MOVES = 20;

const usableUrl = z.string().refine(isUsableBaseUrl, {
  error: 'must be an https URL (http only for a loopback host), without user, query or fragment',
});

const common = z.strictObject({
  baseUrl: usableUrl,
  formerly: z
    .array(usableUrl)
    .refine((urls) => urls.length <= MOST_MOVES, { error: `may list at most ${MOST_MOVES}` })
    .optional(),
  quietPeriodSeconds: z.int().min(1).max(86_400).default(120),
  timeoutSeconds: z.number().min(1).max(20).default(15),
  cancelUnpaid: unpaidRule.optional(),
});

/**
 * Parses the declarations, by name. Throws `InvalidConnections`, which names each wrong field. An unknown field is wrong, so that a
 * misspelt one is not ignored; so is a second name for an account.
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

/** The problems of connections whose account already has another name, as far as declarations show it. */
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

/** Returns the declared connections and the means to call them. */
export function createConnections(needs: {
  declarations: ReadonlyMap<string, ConnectionDeclaration>;
  readCredential: (connection: string, options: { fresh: boolean }) => Promise<string>;
  /** The keys of the digests by which credentials identify accounts (`runtime/keys.ts`). */
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
      // A secret that was pasted or piped in often ends with a line break.
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
    : [`${name}: a name has lower-case letters, digits and hyphens, at most 63, and no hyphen first`];

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

/** The problems of a rule for unpaid orders at this provider. */
function misplaced(field: string, rule: UnpaidRule | undefined, { name, capabilities, origins }: Provider): string[] {
  if (capabilities.unpaidOrders.evidence === 'absent')
    return [`${field}: ${name} does not show which orders are unpaid, so it cannot have this rule`];
  return (rule?.origins ?? []).flatMap((origin, index) =>
    origins.includes(origin) ? [] : [`${field}.origins.${index}: must be one of ${origins.join(', ')}`],
  );
}

/** Throws `SecretUnreadable` if no header can hold the credential. */
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
