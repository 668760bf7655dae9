import * as z from 'zod';
import { createDocument, type CreateDocumentOptions } from 'zod-openapi';
import { TAGS, type RouteContract } from '../../functions/http/contract.ts';
import type { FunctionRow } from '../function-row.ts';
import { FUNCTIONS, routesOf } from '../functions.ts';
import { matchRoute } from '../match-route.ts';
import { eventWebhooks } from './events.ts';
import { EXAMPLE_SESSION, keptExamples, type Example } from './example-session.ts';
import { problemReplies, problemSchemas } from './problem-replies.ts';
import { withRequestId } from './request-id.ts';

export type OpenApiDocument = ReturnType<typeof createDocument>;

/** A route of the table, with what its function says of it. */
export interface ContractedRoute {
  readonly name: string;
  readonly method: string;
  readonly path: string;
  readonly access: string;
  readonly contract: RouteContract;
}

const DESCRIPTION = `Cancels commerce orders at the systems that hold them, once, and can prove it.

Errors are \`application/problem+json\` (RFC 9457) with a stable \`type\`. Times are RFC 3339 UTC. Ignore members that you do not know:
more may come. A path that no route has is answered with the problem \`not-found\`, a method that a path does not take with
\`method-not-allowed\`.

API Gateway itself answers with \`{"message": "…"}\`: 429 when the API is asked too often, 500 and 503 when a function fails or takes
longer than 30 seconds. An ask that was recorded is not lost then: ask again, or read the order.`;

/** The OpenAPI document: the routes of the table, in the schemas that their functions use. */
export async function openApiDocument(): Promise<OpenApiDocument> {
  const paths: Record<string, Record<string, object>> = {};
  const examples = keptExamples();
  for (const route of await contractedRoutes()) {
    const own = examples.filter((example) => isOf(route, example));
    (paths[route.path] ??= {})[route.method.toLowerCase()] = operationOf(route, own);
  }
  return createDocument(
    {
      openapi: '3.1.1',
      info: {
        title: 'Countermand',
        version: '1',
        description: DESCRIPTION,
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      },
      servers: [{ url: '/' }],
      tags: Object.entries(TAGS).map(([name, description]) => ({ name, description })),
      paths,
      webhooks: eventWebhooks(),
      components: {
        schemas: problemSchemas,
        securitySchemes: {
          accessToken: {
            type: 'http',
            scheme: 'bearer',
            description: 'An access token of Countermand. Each route names the scope that it must have.',
          },
        },
      },
    },
    RENDERING,
  );
}

const RENDERING: CreateDocumentOptions = {
  override: ({ jsonSchema, io }) => {
    // The format says it; zod's expression for it only says it again, at length.
    if (jsonSchema.format === 'date' || jsonSchema.format === 'date-time') delete jsonSchema.pattern;
    // Nor does it say anything of an integer that JavaScript can hold it.
    if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
    if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
    // What is read may have more members one day; what is sent may not.
    if (io === 'output' && jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties;
  },
};

/** Throws when a function with a route exports no contract. */
export async function contractedRoutes(): Promise<ContractedRoute[]> {
  const routes = FUNCTIONS.flatMap((row) => routesOf(row).map((one) => ({ name: row.name, ...one }))).filter(
    ({ route }) => route !== '$default',
  );
  return Promise.all(
    routes.map(async ({ name, route, access }) => {
      const [method = '', path = ''] = route.split(' ');
      return { name, method, path, access, contract: await contractOf(name, route) };
    }),
  );
}

async function contractOf(name: FunctionRow['name'], route: string): Promise<RouteContract> {
  const module: unknown = await import(`../../functions/${name}.ts`);
  const parsed = z.looseObject({ contract: z.custom<(route: string) => RouteContract>(isFunction) }).safeParse(module);
  if (!parsed.success) throw new Error(`functions/${name}.ts has a route, but exports no function named contract.`);
  return parsed.data.contract(route);
}

function isFunction(value: unknown): boolean {
  return typeof value === 'function';
}

/** A function may have several routes: an example is of the one that took it. */
function isOf({ name, method, path }: ContractedRoute, example: Example): boolean {
  const asked = EXAMPLE_SESSION.find((one) => one.function === example.function && one.name === example.name);
  const route = { routeKey: `${method} ${path}`, functionName: name, authorizerName: null };
  const [askedPath = ''] = asked?.path.split('?') ?? [];
  return example.function === name && asked !== undefined && matchRoute([route], asked.method, askedPath) !== null;
}

/** The bodies that the examples were asked with. */
function sentExamples(name: string): { examples?: object } {
  const those = EXAMPLE_SESSION.filter(
    (one) => one.function === name && one.body !== undefined && one.isWrong !== true,
  );
  if (those.length === 0) return {};
  return { examples: Object.fromEntries(those.map((one) => [one.name, { value: one.body }])) };
}

function operationOf({ name, method, access, contract }: ContractedRoute, examples: readonly Example[]): object {
  const { tag, summary, description, path, query, headers, body, replies } = contract;
  const scope = access === 'public' ? null : access;
  const examplesOf = (status: number) => {
    const those = examples.filter((example) => example.status === status);
    if (those.length === 0) return {};
    return { examples: Object.fromEntries(those.map((example) => [example.name, { value: example.body }])) };
  };
  return {
    operationId: (contract.operationId ?? name).replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase()),
    tags: [tag],
    summary,
    description: [description, scope && `Scope: \`${scope}\`.`].filter(Boolean).join('\n\n'),
    security: scope === null ? [] : [{ accessToken: [scope] }],
    requestParams: { ...(path && { path }), ...(query && { query }), ...(headers && { header: headers }) },
    ...(body && { requestBody: { content: { 'application/json': { schema: body, ...sentExamples(name) } } } }),
    responses: {
      ...Object.fromEntries(
        Object.entries(replies).map(([status, reply]) => [
          status,
          {
            description: reply.description,
            headers: withRequestId(reply.headers),
            ...(reply.body && {
              content: {
                ...Object.fromEntries(
                  (reply.mediaTypes ?? ['application/json']).map((mediaType) => [
                    mediaType,
                    { schema: reply.body, ...examplesOf(Number(status)) },
                  ]),
                ),
              },
            }),
          },
        ]),
      ),
      ...problemReplies({ method, access, contract }, examplesOf),
    },
  };
}
