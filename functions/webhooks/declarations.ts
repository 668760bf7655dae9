import * as z from 'zod';
import { plainWords, problemsOf } from '../runtime/schema-problems.ts';
import { InvalidWebhooks } from './errors.ts';
import { estokaSettings } from './estoka-hint.ts';
import { isPath } from './order-id.ts';

const names = z.array(z.string()).min(1);

const declarationSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('estoka'),
    /** One account's webhook tells of all its organizations; the one that is meant is found by its number. */
    connections: names,
  }),
  z.strictObject({
    kind: z.literal('standard'),
    /** The only connections that a sender may name. */
    connections: names,
  }),
  z.strictObject({
    kind: z.literal('shopify'),
    connection: z.string(),
    /** JMESPath to where the merchant keeps the provider's order id in Shopify's order. */
    orderIdPath: z.string().refine(isPath, { error: 'is not a JMESPath expression' }),
    /** A regular expression whose one group is the order id in what the path found; without it, that is the order id. */
    orderIdPattern: z.optional(z.string()),
  }),
]);

/** What is looked at in a declaration whose other fields are wrong, so that an operator hears of all mistakes at once. */
const searchingSchema = z.object({ kind: z.literal('shopify'), orderIdPattern: z.string() });
const namingSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.enum(['estoka', 'standard']), connections: z.array(z.string()) }),
  z.object({ kind: z.literal('shopify'), connection: z.string() }),
]);

export type WebhookDeclaration = z.infer<typeof declarationSchema> & { readonly name: string };
export type WebhookKind = WebhookDeclaration['kind'];
export type WebhookOf<Kind extends WebhookKind> = Extract<WebhookDeclaration, { kind: Kind }>;

/** What is known of the declared connections, by name. */
export type DeclaredConnections = ReadonlyMap<string, { readonly provider: string; readonly settings: unknown }>;

const NAME = /^[a-z0-9][a-z0-9-]{0,62}$/;

/**
 * The declared webhooks by name. `connections` are the declared ones; null where those are wrong themselves, and then whether a
 * webhook's are declared is not looked at. `problemOfPattern` looks at patterns, once, when the stack is synthesised: its engine is
 * too large for functions that search nothing. Throws `InvalidWebhooks`, which names each wrong field.
 */
export function parseWebhooks(
  json: unknown,
  connections: DeclaredConnections | null,
  problemOfPattern: (pattern: string) => string | null,
): ReadonlyMap<string, WebhookDeclaration> {
  const entries = z.record(z.string(), z.unknown()).safeParse(json);
  if (!entries.success) throw new InvalidWebhooks(['webhooks: must be an object of webhooks by name']);

  const declarations = new Map<string, WebhookDeclaration>();
  const problems: string[] = [];
  for (const [name, fields] of Object.entries(entries.data)) {
    if (!NAME.test(name)) {
      problems.push(`${name}: a name has lower-case letters, digits and hyphens, 63 at the most, no hyphen first`);
    }
    const parsed = declarationSchema.safeParse(fields, { error: plainWords });
    if (parsed.success) declarations.set(name, { name, ...parsed.data });
    else problems.push(...problemsOf(name, parsed.error));
    if (connections !== null) problems.push(...problemsOfConnections(name, fields, connections));
    const { data: searching } = searchingSchema.safeParse(fields);
    const problem = searching === undefined ? null : problemOfPattern(searching.orderIdPattern);
    if (problem !== null) problems.push(`${name}.orderIdPattern: ${problem}`);
  }
  if (problems.length > 0) throw new InvalidWebhooks(problems);
  return declarations;
}

function problemsOfConnections(name: string, fields: unknown, connections: DeclaredConnections): string[] {
  const { data: declaration } = namingSchema.safeParse(fields);
  if (declaration === undefined) return [];
  const field = declaration.kind === 'shopify' ? 'connection' : 'connections';
  const named = declaration.kind === 'shopify' ? [declaration.connection] : declaration.connections;
  const ofOrganization = new Map<string, string>();
  return named.flatMap((connection) => {
    const declared = connections.get(connection);
    if (declared === undefined) return [`${name}.${field}: there is no connection named ${connection}`];
    if (declaration.kind !== 'estoka') return [];
    if (declared.provider !== 'estoka') return [`${name}.${field}: ${connection} is not a connection to Estoka`];
    const { organizationId } = estokaSettings.parse(declared.settings);
    const other = ofOrganization.get(organizationId);
    ofOrganization.set(organizationId, connection);
    // What is told of an order names its organization, and not the account: a webhook for each account tells them apart.
    if (other === undefined) return [];
    return [`${name}.${field}: ${other} and ${connection} are of the same organization: declare a webhook for each`];
  });
}
