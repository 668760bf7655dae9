import * as z from 'zod';
import { plainWords, problemsOf } from '../runtime/schema-problems.ts';
import { InvalidWebhooks } from './errors.ts';
import { estokaSettings } from './estoka-hint.ts';
import { isPath } from './order-id.ts';

const names = z.array(z.string()).min(1);

const declarationSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('estoka'),
    /** An account's webhook reports on all its organizations; the organization's number finds the connection. */
    connections: names,
  }),
  z.strictObject({
    kind: z.literal('standard'),
    /** A sender may name only these connections. */
    connections: names,
  }),
  z.strictObject({
    kind: z.literal('shopify'),
    connection: z.string(),
    /** JMESPath to the place in Shopify's order where the merchant keeps the provider's order id. */
    orderIdPath: z.string().refine(isPath, { error: 'is not a JMESPath expression' }),
    /** A regular expression for the text that the path found; its one group is the order id. Without it, the whole text is the order id. */
    orderIdPattern: z.optional(z.string()),
  }),
]);

/** The fields that are checked even if other fields are wrong, so that an operator sees all mistakes at once. */
const searchingSchema = z.object({ kind: z.literal('shopify'), orderIdPattern: z.string() });
const namingSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.enum(['estoka', 'standard']), connections: z.array(z.string()) }),
  z.object({ kind: z.literal('shopify'), connection: z.string() }),
]);

export type WebhookDeclaration = z.infer<typeof declarationSchema> & { readonly name: string };
export type WebhookKind = WebhookDeclaration['kind'];
export type WebhookOf<Kind extends WebhookKind> = Extract<WebhookDeclaration, { kind: Kind }>;

/** The declared connections, by name. */
export type DeclaredConnections = ReadonlyMap<string, { readonly provider: string; readonly settings: unknown }>;

const NAME = /^[a-z0-9][a-z0-9-]{0,62}$/;

/**
 * Parses the declared webhooks, by name. `connections` are the declared connections; null if they are invalid themselves, and then
 * it is not checked whether a webhook's connections are declared. `problemOfPattern` checks patterns once, when the stack is
 * synthesised: its engine is too large for functions that do not search. Throws `InvalidWebhooks`, which names each wrong field.
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
      problems.push(`${name}: a name has lower-case letters, digits and hyphens, at most 63, and no hyphen first`);
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
    // A delivery names the organization but not the account. One webhook for each account tells the accounts apart.
    if (other === undefined) return [];
    return [`${name}.${field}: ${other} and ${connection} are of the same organization: declare a webhook for each`];
  });
}
