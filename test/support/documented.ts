import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { EVERY_REPLY_HEADERS } from '../../functions/http/chain.ts';
import { FUNCTIONS, routesOf } from '../../infra/functions.ts';
import { matchRoute } from '../../infra/match-route.ts';
import { openApiDocument } from '../../infra/openapi/document.ts';

/** A reply to a request that a route took; `$default` where none did. */
export interface RoutedReply {
  /** As in the table of functions: `GET /v1/operations/{operationId}`. */
  route: string;
  status: number;
  /** By lower-case name. */
  headers: Readonly<Record<string, string>>;
  body: unknown;
}

type Json = Readonly<Record<string, unknown>>;
interface DocumentedReply {
  headers?: Record<string, { required?: boolean }>;
  content?: Record<string, unknown>;
}

let document: Promise<{ json: Json; validate: (pointer: readonly string[]) => ValidateFunction }> | undefined;

/** The route that takes a request. */
export function routeTaking(method: string, path: string): string {
  const routes = FUNCTIONS.flatMap((row) =>
    routesOf(row).map(({ route }) => ({ routeKey: route, functionName: row.name, authorizerName: null })),
  );
  return matchRoute(routes, method, path.split('?')[0] ?? '')?.route.routeKey ?? '$default';
}

/** What the connection says, not the API. */
const TRANSPORT_HEADERS = ['content-length', 'content-type', 'date', 'connection', 'keep-alive'];

/**
 * Throws unless the OpenAPI document has the route, the status, the media type and each header of the reply, and the reply fits their
 * schemas. A member that the document does not name is wrong, too.
 */
export async function expectDocumented({ route, status, headers, body }: RoutedReply): Promise<void> {
  document ??= compileValidators();
  const { json, validate } = await document;
  const wrong = (what: string) => new Error(`${route} answered ${status}: ${what}\n${JSON.stringify(body)}`);

  if (route === '$default') {
    const type = 'type' in Object(body) ? String((body as Json)['type']) : '';
    const name = {
      '/problems/not-found': 'NotFoundProblem',
      '/problems/method-not-allowed': 'MethodNotAllowedProblem',
    }[type];
    if (name === undefined) throw wrong('not a problem that an unknown route is answered with');
    const check = validate(['components', 'schemas', name]);
    if (!check(body)) throw wrong(JSON.stringify(check.errors));
    return;
  }

  const [method = '', path = ''] = route.split(' ');
  const place = ['paths', path, method.toLowerCase(), 'responses', String(status)];
  const reply = at(json, place) as DocumentedReply | undefined;
  if (reply === undefined) throw wrong('the OpenAPI document does not have this status of this route');

  const mediaType = headers['content-type']?.split(';')[0] ?? '';
  if (reply.content === undefined) {
    if (body !== '') throw wrong('the OpenAPI document has an empty body here');
  } else {
    if (!(mediaType in reply.content)) throw wrong(`the OpenAPI document does not have ${mediaType} here`);
    const check = validate([...place, 'content', mediaType, 'schema']);
    if (!check(body)) throw wrong(JSON.stringify(check.errors));
  }

  for (const [name, { required }] of Object.entries(reply.headers ?? {})) {
    if (required === true && !(name in headers)) throw wrong(`the header ${name} is missing`);
  }
  for (const [name, value] of Object.entries(headers)) {
    if (TRANSPORT_HEADERS.includes(name) || EVERY_REPLY_HEADERS[name] === value) continue;
    if (!(name in (reply.headers ?? {}))) throw wrong(`the OpenAPI document does not have the header ${name} here`);
    const checkHeader = validate([...place, 'headers', name, 'schema']);
    if (!checkHeader(value)) throw wrong(`${name}: ${JSON.stringify(checkHeader.errors)}`);
  }
}

/** Throws unless the OpenAPI document has the event, as EventBridge delivers it. */
export async function expectDocumentedEvent(event: unknown): Promise<void> {
  document ??= compileValidators();
  const { validate } = await document;
  const { 'detail-type': name } = event as { 'detail-type': string };
  const check = validate(['webhooks', name, 'post', 'requestBody', 'content', 'application/json', 'schema']);
  if (!check(event)) throw new Error(`${name}: ${JSON.stringify(check.errors)}\n${JSON.stringify(event)}`);
}

async function compileValidators() {
  const json = strict(JSON.parse(JSON.stringify(await openApiDocument()))) as Json;
  // `discriminator` stays off: it is a hint for readers, and ajv would ask for more than OpenAPI does.
  const ajv = new Ajv2020({ allErrors: true, discriminator: false, strict: true, allowUnionTypes: true });
  addFormats.default(ajv);
  ajv.addVocabulary(Object.keys(json));
  ajv.addSchema({ ...json, $id: 'document' });
  const made = new Map<string, ValidateFunction>();
  const validate = (pointer: readonly string[]) => {
    const $ref = `document#/${pointer.map((part) => encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1'))).join('/')}`;
    const known = made.get($ref) ?? ajv.compile({ $ref });
    made.set($ref, known);
    return known;
  };
  return { json, validate };
}

/** With every object closed: what is not in the document must not be in a reply. */
function strict(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(strict);
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.fromEntries(Object.entries(value).map(([name, member]) => [name, strict(member)]));
  const isOpen = members['type'] === 'object' && 'properties' in members && !('additionalProperties' in members);
  return isOpen ? { ...members, additionalProperties: false } : members;
}

function at(json: unknown, [first, ...rest]: readonly string[]): unknown {
  if (first === undefined || typeof json !== 'object' || json === null) return first === undefined ? json : undefined;
  return at((json as Json)[first], rest);
}
