import { existsSync, readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { INTERNAL_ERROR, problemBody, problemOf, PROBLEMS } from '../../../functions/http/problems.ts';
import { PROBLEM_TYPES } from '../../../functions/http/problem-types.ts';
import { OperationUnreadable } from '../../../functions/operations/ledger/errors.ts';
import { FUNCTIONS, routesOf } from '../../../infra/functions.ts';
import { EXAMPLE_SESSION, keptExamples } from '../../../infra/openapi/example-session.ts';
import { openApiDocument } from '../../../infra/openapi/document.ts';
import { expectDocumented } from '../../support/documented.ts';

interface Operation {
  operationId: string;
  security: { accessToken: string[] }[];
}
interface ProblemSchema {
  properties: Record<'type' | 'status' | 'title', { const: unknown }>;
}

let paths: Record<string, Record<string, Operation>>;
let schemas: Record<string, object>;
beforeAll(async () => {
  const document = await openApiDocument();
  paths = document.paths as unknown as typeof paths;
  schemas = document.components?.schemas as typeof schemas;
});

const routes = FUNCTIONS.flatMap((row) => routesOf(row).map((one) => ({ name: row.name, ...one })));

describe('the OpenAPI document', () => {
  it('has the routes of the table, with the scopes that they ask for', () => {
    const documented = Object.entries(paths).flatMap(([path, operations]) =>
      Object.entries(operations).map(([method, { security }]) => [
        `${method.toUpperCase()} ${path}`,
        security[0]?.accessToken[0] ?? 'public',
      ]),
    );
    const deployed = routes.filter(({ route }) => route !== '$default').map(({ route, access }) => [route, access]);
    expect(documented.sort()).toEqual(deployed.sort());
  });

  it('has the problems of the table, each with its status and title, and no others', () => {
    const isProblem = (schema: object): schema is ProblemSchema =>
      JSON.stringify(schema).includes('"const":"/problems/');
    const documented = Object.entries(schemas)
      .filter(([name, schema]) => name.endsWith('Problem') && isProblem(schema))
      .map(([, schema]) => (schema as ProblemSchema).properties)
      .map(({ type, status, title }) => ({ type: type.const, status: status.const, title: title.const }));
    const table = [...PROBLEMS, INTERNAL_ERROR].map(({ slug, status, title }) => ({
      type: `/problems/${slug}`,
      status,
      title,
    }));
    const unique = [...new Map(table.map((row) => [JSON.stringify(row), row])).values()];
    const byType = (a: { type: unknown }, b: { type: unknown }) => String(a.type).localeCompare(String(b.type));
    expect(documented.sort(byType)).toEqual(unique.sort(byType));
    expect(Object.keys(PROBLEM_TYPES).sort()).toEqual([...new Set(unique.map(({ type }) => type.slice(10)))].sort());
  });

  it('names every operation once', () => {
    const ids = Object.values(paths).flatMap((operations) => Object.values(operations).map((one) => one.operationId));
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('has examples, each of its own name', () => {
    const names = EXAMPLE_SESSION.map((one) => `${one.function} ${one.name}`);
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
    expect(keptExamples().map((one) => `${one.function} ${one.name}`)).toEqual(names);
  });

  it('says of every route that needs an order’s operation that it may be unreadable', async () => {
    const isInTheWay = ({ route }: { route: string }) => {
      const [method = '', path = ''] = route.split(' ');
      const replies = JSON.stringify(paths[path]?.[method.toLowerCase()] ?? {});
      return replies.includes('OperationInProgressProblem') || replies.includes('OperationNotFoundProblem');
    };
    const wanted = routes.filter((one) => isInTheWay(one) || one.name === 'receive-estoka-webhook');
    expect(wanted.length).toBeGreaterThan(7);
    const problem = problemOf(new OperationUnreadable('an operation'), () => true);
    const headers = { 'content-type': 'application/problem+json', 'x-request-id': 'request-1', 'retry-after': '60' };
    for (const { route } of wanted)
      await expectDocumented({ route, status: 503, headers, body: problemBody(problem, 'request-1') });
  });

  it('is what the tests of every function hold its replies against', () => {
    const unheld = routes.filter(({ name }) => {
      const file = new URL(`../../${name}.test.ts`, import.meta.url);
      const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
      return !text.includes(`askRoute('${name}'`) || /\bapiEvent\b/.test(text);
    });
    expect(unheld.map(({ name }) => name)).toEqual([]);
  });
});

describe('a reply', () => {
  const headers = { 'content-type': 'application/json', 'x-request-id': 'request-1' };
  const reply = { route: 'GET /health', status: 200, headers, body: { status: 'ok' } };

  it('is what the document says', async () => {
    await expectDocumented(reply);
  });

  it.each([
    ['another route', { route: 'GET /healthy' }],
    ['another status', { status: 201 }],
    ['another media type', { headers: { ...headers, 'content-type': 'text/html' } }],
    ['a header too few', { headers: { 'content-type': 'application/json' } }],
    ['a header too many', { headers: { ...headers, 'x-powered-by': 'us' } }],
    ['another value', { body: { status: 'well' } }],
    ['a member too few', { body: {} }],
    ['a member too many', { body: { status: 'ok', version: 1 } }],
    ['a problem of another route', { route: '$default', status: 404, body: { type: '/problems/order-not-found' } }],
  ])('is not, with %s', async (_, part) => {
    await expect(expectDocumented({ ...reply, ...part })).rejects.toThrow(/answered/);
  });
});
