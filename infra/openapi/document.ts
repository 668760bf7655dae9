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

/** A route of the table, with its function's contract. */
export interface ContractedRoute {
  readonly name: string;
  readonly method: string;
  readonly path: string;
  readonly access: string;
  readonly contract: RouteContract;
}

const DESCRIPTION = `Cancels commerce orders at the systems that hold them, once, and can prove it.

Errors are \`application/problem+json\` (RFC 9457) with a stable \`type\`. Times are RFC 3339 UTC. Ignore members that you do not know:
more may be added. An unknown path is answered with the problem \`not-found\`, a method that a path does not take with
\`method-not-allowed\`.

API Gateway itself answers with \`{"message": "…"}\`: 429 when there are too many requests, 500 and 503 when a function fails or takes
longer than 30 seconds. A recorded ask is not lost then: ask again, or read the order.`;

/** Returns the OpenAPI document: the routes of the table, with the schemas that their functions use. */
export async function openApiDocument(): Promise<OpenApiDocument> {
  const paths: Record<string, Record<string, object>> = {};
  const examples = keptExamples();
  for (const route of await loadRouteContracts()) {
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
            description: 'An access token of Countermand. Each route names the scope that the token must have.',
          },
        },
      },
    },
    RENDERING,
  );
}

const RENDERING: CreateDocumentOptions = {
  override: ({ jsonSchema, io }) => {
    // The format says enough; zod's pattern only repeats it at length.
    if (jsonSchema.format === 'date' || jsonSchema.format === 'date-time') delete jsonSchema.pattern;
    // That JavaScript can hold an integer says nothing about it.
    if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
    if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
    // Replies may get more members one day; requests may not have any others.
    if (io === 'output' && jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties;
  },
};

/** Returns every route with its contract. Throws if a function with a route exports none. */
export async function loadRouteContracts(): Promise<ContractedRoute[]> {
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

/** Whether the example's request goes to this route: a function may have several. */
function isOf({ name, method, path }: ContractedRoute, example: Example): boolean {
  const asked = EXAMPLE_SESSION.find((one) => one.function === example.function && one.name === example.name);
  const route = { routeKey: `${method} ${path}`, functionName: name, authorizerName: null };
  const [askedPath = ''] = asked?.path.split('?') ?? [];
  return example.function === name && asked !== undefined && matchRoute([route], asked.method, askedPath) !== null;
}

/** The bodies of the example requests. */
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
                [reply.mediaType ?? 'application/json']: { schema: reply.body, ...examplesOf(Number(status)) },
              },
            }),
          },
        ]),
      ),
      ...problemReplies({ method, access, contract }, examplesOf),
    },
  };
}
