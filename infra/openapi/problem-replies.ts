import * as z from 'zod';
import { OWN_ERRORS, type RouteContract } from '../../functions/http/contract.ts';
import { PROBLEM_TYPES, type ProblemSlug } from '../../functions/http/problem-types.ts';
import { INTERNAL_ERROR, PROBLEMS } from '../../functions/http/problems.ts';
import { withRequestId } from './request-id.ts';

interface ProblemType {
  readonly slug: ProblemSlug;
  readonly status: number;
  readonly title: string;
  readonly schema: z.ZodObject;
  readonly headers: z.ZodObject;
}

/** Every type of problem, with its status and title from the table of problems. */
const PROBLEM_TYPES_BY_SLUG: ReadonlyMap<ProblemSlug, ProblemType> = new Map(
  [...PROBLEMS, INTERNAL_ERROR].map(({ slug, status, title }) => [slug, problemType(slug, status, title)]),
);

/** The schemas of all problems, including those that only the route for unknown paths answers with. */
export const problemSchemas: Readonly<Record<string, z.ZodObject>> = Object.fromEntries(
  [...PROBLEM_TYPES_BY_SLUG.values()].map(({ slug, schema }) => [componentName(slug), schema]),
);

/** The body of API Gateway's own replies. */
const gatewayMessage = z
  .object({ message: z.string() })
  .meta({ id: 'GatewayMessage', description: "API Gateway's own error." });
const GATEWAY_STATUSES = [429, 500, 503];

/** Returns the replies of a route that are problems, by status: its function's own and the chain's. */
export function problemReplies(
  route: { method: string; access: string; contract: RouteContract },
  examplesOf: (status: number) => { examples?: object },
) {
  const { problems, replies } = route.contract;
  if (problems === OWN_ERRORS) return gatewayReplies(replies);
  const slugs = [...new Set([...problems, ...problemsOfTheChain(route)])];
  const types = slugs.map((slug) => {
    const type = PROBLEM_TYPES_BY_SLUG.get(slug);
    if (type === undefined) throw new Error(`functions/http/problems.ts has no row for ${slug}.`);
    return type;
  });
  const statuses = [...new Set([...types.map(({ status }) => status), ...GATEWAY_STATUSES])].sort();
  return Object.fromEntries(
    statuses.map((status) => [
      status,
      replyOf(
        types.filter((type) => type.status === status),
        GATEWAY_STATUSES.includes(status),
        examplesOf(status),
      ),
    ]),
  );
}

/** Returns the replies of a route in a provider's dialect with the statuses that API Gateway may also answer with. */
function gatewayReplies(replies: RouteContract['replies']) {
  return Object.fromEntries(
    GATEWAY_STATUSES.map((status) => {
      const own = replies[status];
      const schema = own?.body ? z.union([own.body, gatewayMessage]) : gatewayMessage;
      const headers = z.object({ ...withRequestId(own?.headers).shape }).partial();
      const description = [own?.description ?? '', 'Or API Gateway’s own error.'].join('\n\n').trim();
      return [status, { description, headers, content: { 'application/json': { schema } } }];
    }),
  );
}

function problemsOfTheChain({ method, access, contract }: { method: string; access: string; contract: RouteContract }) {
  const slugs: ProblemSlug[] = ['internal-error'];
  if (access !== 'public') slugs.push('access-token-required', 'access-denied', 'temporarily-unavailable');
  if (method !== 'GET') slugs.push('body-not-json', 'body-too-large', 'unsupported-media-type');
  const { path, query, headers, body } = contract;
  if (path ?? query ?? headers ?? body) slugs.push('invalid-request');
  return slugs;
}

function replyOf(types: readonly ProblemType[], isGateways: boolean, examples: { examples?: object }) {
  const [first, ...rest] = types.map(({ schema }) => schema);
  const titles = types.map(({ slug, title }) => `\`${slug}\`: ${title}.`);
  return {
    description: [...titles, ...(isGateways ? ['Or API Gateway’s own error.'] : [])].join('\n\n'),
    headers: headersOf(types, isGateways),
    content: {
      ...(first && {
        'application/problem+json': { schema: rest.length === 0 ? first : z.union([first, ...rest]), ...examples },
      }),
      ...(isGateways && { 'application/json': { schema: gatewayMessage } }),
    },
  };
}

/** Returns the headers of a status. A header is required only if every reply of that status has it. */
function headersOf(types: readonly ProblemType[], isGateways: boolean): z.ZodObject {
  const isCertain = (name: string) => !isGateways && types.every(({ headers }) => name in headers.shape);
  const entries = types.flatMap(({ headers }) => Object.entries(headers.shape));
  return z.object(
    Object.fromEntries(entries.map(([name, schema]) => [name, isCertain(name) ? schema : z.optional(schema)])),
  );
}

function problemType(slug: ProblemSlug, status: number, title: string): ProblemType {
  const { members, headers }: { members: z.ZodRawShape; headers?: z.ZodObject } = PROBLEM_TYPES[slug];
  const schema = z
    .object({
      type: z.literal(`/problems/${slug}`),
      title: z.literal(title),
      status: z.literal(status),
      detail: z.string().meta({ description: 'What is wrong with this request, for a person to read.' }),
      requestId: z.string(),
      ...members,
    })
    .meta({ id: componentName(slug), description: `${title}.` });
  return { slug, status, title, schema, headers: withRequestId(headers) };
}

/** `order-not-found` → `OrderNotFoundProblem` */
function componentName(slug: ProblemSlug): string {
  const words = slug.split('-').map((word) => word.charAt(0).toUpperCase() + word.slice(1));
  return `${words.join('')}Problem`;
}
