import { describe, expect, it } from '@jest/globals';
import type * as z from 'zod';
import { connectionMeant, dropInHeaders, seesPersonalData } from '../../functions/drop-in/drop-in.ts';
import { estokaProblem, estokaReply, isOfOrganization } from '../../functions/drop-in/estoka-dialect.ts';
import {
  isNgorders,
  ngorderPage,
  ngorderProblem,
  ngorderReply,
  pageMeant,
} from '../../functions/drop-in/ngorder-dialect.ts';
import { downloadQuery, listQuery, orderBody, sameOrderBody } from '../../functions/drop-in/ngorder-input.ts';
import { NOBODY, type Caller } from '../../functions/http/caller.ts';
import { InvalidInput } from '../../functions/http/errors.ts';
import type { Problem } from '../../functions/http/problems.ts';
import type { OperationView } from '../../functions/operations/rules/operation-view.ts';
import { viewOf } from '../../functions/operations/rules/view-of.ts';
import { parseConnections } from '../../functions/providers/connections.ts';
import { UnknownConnection } from '../../functions/providers/errors.ts';
import { LongNumber } from '../../functions/runtime/exact-json.ts';
import { CONFIRMED, PENDING } from '../operations/world.ts';
import { fieldsOf, thrownBy } from '../support/thrown.ts';

const answer = (part: Partial<OperationView> = {}) => ({
  ...{ operation: { ...viewOf(CONFIRMED), ...part }, replayed: false, retryAfterSeconds: 7 },
});
const OPEN = { final: false, outcome: 'pending' as const };
const problem = (part: Partial<Problem>): Problem => ({
  ...{ slug: 'access-denied', status: 403, title: 'T', detail: 'Not for this token.' },
  ...part,
});
const fields = (...names: string[]) => ({ errors: names.map((field) => ({ field, message: 'is wrong' })) });
const declared = parseConnections({
  'loja-rio': { provider: 'estoka', baseUrl: 'https://estoka.example', organizationId: 1 },
  'loja-sul': { provider: 'estoka', baseUrl: 'https://estoka.example', organizationId: 2 },
  'toko-jaya': { provider: 'ngorder', baseUrl: 'https://ngorder.example' },
});
const declarations = [...declared.values()];

describe('what we know beyond a provider’s dialect', () => {
  it('is in headers: the operation, and when it is worth asking again where it is not final', () => {
    const headers = { 'countermand-outcome': 'confirmed', 'countermand-operation': 'loja-rio:340:1' };
    expect(dropInHeaders(answer())).toEqual(headers);
    expect(dropInHeaders({ ...answer(), replayed: true })).toEqual({ ...headers, 'idempotent-replayed': 'true' });
    const open = { ...headers, 'countermand-outcome': 'pending' };
    expect(dropInHeaders(answer(OPEN))).toEqual({ ...open, 'retry-after': '7' });
    expect(dropInHeaders({ ...answer(OPEN), retryAfterSeconds: 0 })).toEqual({ ...open, 'retry-after': '1' });
  });

  it('is not for who may not see personal data', () => {
    expect([['cancel', 'personal-data'], ['cancel']].map((scopes) => seesPersonalData({ ...NOBODY, scopes }))).toEqual([
      true,
      false,
    ]);
  });
});

describe('the connection that a request means', () => {
  const meant = (connections: string[] | null, named?: string, fits = ['loja-rio', 'loja-sul']) => {
    const caller: Caller = { ...NOBODY, connections };
    const headers: Record<string, string> = named === undefined ? {} : { 'countermand-connection': named };
    return thrownBy(() => connectionMeant(({ name }) => fits.includes(name), { caller, headers }, declarations));
  };

  it('is the only one that fits of those that its token may use, or the one that it names', () => {
    expect(meant(['loja-rio', 'toko-jaya'])).toBe('loja-rio');
    expect(meant(null, undefined, ['toko-jaya'])).toBe('toko-jaya');
    expect(meant(null, 'loja-sul')).toBe('loja-sul');
    expect(meant(['loja-rio'], 'loja-sul')).toMatchObject({ name: 'UnknownConnection', connection: 'loja-sul' });
    expect(meant(null, 'toko-jaya')).toMatchObject({ name: 'UnknownConnection', connection: 'toko-jaya' });
  });

  it('is unknown where none fits, and has to be named where several do', () => {
    expect(meant([])).toEqual(fieldsOf(new UnknownConnection('')));
    const message = 'must name one of loja-rio, loja-sul';
    expect(meant(null)).toEqual(fieldsOf(new InvalidInput([{ field: 'Countermand-Connection', message }])));
  });

  it('is one of its provider’s', () => {
    expect(declarations.filter(isNgorders).map(({ name }) => name)).toEqual(['toko-jaya']);
    expect(declarations.filter(isOfOrganization(2)).map(({ name }) => name)).toEqual(['loja-sul']);
    const others = declarations.map((declaration) => ({ ...declaration, provider: 'other' }));
    expect(others.filter(isOfOrganization(2))).toEqual([]);
  });
});

describe('Estoka’s dialect', () => {
  const order = { id: '340', organizationId: 1, original: { id: 340, status: 'cancelled' } };
  const headers = dropInHeaders(answer());

  it('shows the order as it is now, where it is cancelled', () => {
    expect(estokaReply(answer(), order)).toEqual({ status: 200, headers, body: { order: order.original } });
    expect(estokaReply(answer(), { ...order, original: null })).toEqual({
      status: 503,
      headers: { ...headers, 'retry-after': '5' },
      body: { errors: 'The order is cancelled, but it could not be read now. Ask again.' },
    });
  });

  it.each(['pending', 'unknown', 'needs_attention'] as const)(
    'says 202, and no more than is known, of %s',
    (outcome) => {
      const open = answer({ outcome, final: false });
      const reply = { status: 202, headers: dropInHeaders(open) };
      expect(estokaReply(open, order)).toEqual({ ...reply, body: { order: order.original } });
      const known = { order: { id: 340, organization_id: 1 } };
      expect(estokaReply(open, { ...order, original: null })).toEqual({ ...reply, body: known });
    },
  );

  it('refuses in words, and with an empty body where there is no such order', () => {
    const refused = (part: Partial<OperationView>) => {
      const { status, headers: told, body } = estokaReply(answer({ outcome: 'refused', ...part }), order);
      return { status, type: told?.['content-type'], operation: told?.['countermand-operation'], body };
    };
    const operation = 'loja-rio:340:1';
    const words = { status: 422, type: undefined, operation };
    expect(refused({ words: 'já entregue' })).toEqual({ ...words, body: { errors: 'já entregue' } });
    expect(refused({ words: '' })).toEqual({ ...words, body: { errors: 'The order was not cancelled.' } });
    expect(refused({ detail: 'order_not_found' })).toEqual({
      ...{ status: 404, type: 'application/json', operation },
      body: new Uint8Array(),
    });
  });

  const nothing = { headers: { 'content-type': 'application/json' }, body: new Uint8Array() };
  it.each<[Partial<Problem>, object]>([
    [{}, { status: 403, headers: {}, body: { errors: 'Not for this token.' } }],
    [
      { status: 503, headers: { 'retry-after': '2' } },
      { status: 503, headers: { 'retry-after': '2' }, body: { errors: 'Not for this token.' } },
    ],
    [
      { slug: 'unknown-connection', status: 404 },
      { ...nothing, status: 404 },
    ],
    ...['organization_id', 'order_id', 'orderId'].map((field): [Partial<Problem>, object] => [
      { status: 400, members: fields(field) },
      { ...nothing, status: 404 },
    ]),
    [
      { slug: 'access-token-required', status: 401 },
      {
        ...{ ...nothing, status: 401 },
        headers: { 'content-type': 'application/json', 'www-authenticate': 'Token realm="Countermand"' },
      },
    ],
    [
      { status: 400, members: fields('a', 'b') },
      { status: 422, headers: {}, body: { errors: { a: ['is wrong'], b: ['is wrong'] } } },
    ],
    [
      { status: 400, members: { errors: 'x' } },
      { status: 422, headers: {}, body: { errors: 'Not for this token.' } },
    ],
  ])('puts the problem %j as Estoka would', (part, reply) => {
    expect(estokaProblem(problem(part))).toEqual(reply);
  });
});

describe('ngorder’s dialect', () => {
  const order = { id: '1338', number: '77' };
  const data = { order_id: 1338, po_number: 77 };
  const kinds = [
    ['cancel', 'Order has been Canceled', 'The order is being canceled'],
    ['restore', 'Order has been Returned', 'The order is being returned'],
    ['delete', 'Order has been Deleted', 'The order is being deleted'],
  ] as const;

  it.each(kinds)('says of a %s that it is done, and while it is not, not that it was', (kind, done, open) => {
    const confirmed = answer({ kind });
    expect(ngorderReply(confirmed, order)).toEqual({
      ...{ status: 200, headers: dropInHeaders(confirmed) },
      body: { response: 'success', message: done, data },
    });
    for (const outcome of ['pending', 'unknown', 'needs_attention'] as const) {
      const waiting = answer({ kind, outcome, final: false });
      expect(ngorderReply(waiting, order)).toEqual({
        ...{ status: 202, headers: dropInHeaders(waiting) },
        body: { response: 'pending', message: open, data },
      });
    }
  });

  it.each([
    [77, 77],
    ['1'.repeat(19), new LongNumber('1'.repeat(19))],
    ['1'.repeat(20), null],
    ['PO-77', null],
    ['77x', null],
    [null, null],
  ])('writes the number %j as %j', (number, written) => {
    expect(ngorderReply(answer(), { id: '1338', number }).body).toMatchObject({ data: { po_number: written } });
  });

  it('refuses as a failure of the order', () => {
    const refused = (part: Partial<OperationView>) => {
      const { status, body } = ngorderReply(answer({ outcome: 'refused', ...part }), order);
      return [status, body];
    };
    const failure = (words: string) => [422, { response: 'Failed', message: { id: [words] }, data: null }];
    expect(refused({ words: 'id: already sent' })).toEqual(failure('already sent'));
    expect(refused({ words: 'no id: 7' })).toEqual(failure('no id: 7'));
    for (const words of [null, '', 'id: ']) expect(refused({ words })).toEqual(failure('The order was not changed.'));
    const notFound = { response: 'Failed', message: 'Order not found', data: null };
    expect(refused({ detail: 'order_not_found' })).toEqual([404, notFound]);
  });

  const failed = (message: unknown) => ({ response: 'Failed', message, data: null });
  it.each<[Partial<Problem>, object]>([
    [{}, { status: 403, headers: {}, body: failed('Not for this token.') }],
    [
      { slug: 'unknown-connection', status: 404, headers: { a: 'b' } },
      { status: 404, headers: { a: 'b' }, body: failed('The access token may not use any such ngorder connection.') },
    ],
    [
      { status: 400, members: fields('orderId', 'type') },
      { status: 400, headers: {}, body: failed({ id: ['is wrong'], type: ['is wrong'] }) },
    ],
    [
      { slug: 'order-not-cancelled', status: 409 },
      { status: 422, headers: {}, body: failed({ id: ['Not for this token.'] }) },
    ],
    ...(['operation-in-progress', 'connection-turned-away'] as const).map((slug): [Partial<Problem>, object] => [
      { slug, status: 409, headers: { 'retry-after': '7' } },
      { status: 409, headers: { 'retry-after': '7' }, body: failed('Not for this token.') },
    ]),
    [
      { slug: 'body-not-json', status: 400, members: { errors: 7 } },
      { status: 400, headers: {}, body: failed('Not for this token.') },
    ],
  ])('puts the problem %j into its envelope', (part, reply) => {
    expect(ngorderProblem(problem(part))).toEqual(reply);
  });

  it('asks for a page by ngorder’s own fields', () => {
    const meant = (query: Record<string, string>) => pageMeant(listQuery.parse(query));
    const first = { type: 'cancelled', fromDate: null, toDate: null, perPage: 10, page: 1 };
    expect(meant({})).toEqual(first);
    expect(meant({ type: 'REJECTED', start_date: '2021-01-18', per_page: '50', other: 'x' })).toEqual({
      ...first,
      ...{ type: 'rejected', fromDate: '2021-01-18', perPage: 50 },
    });
    expect(meant({ type: 'EXPIRED', end_date: '2021-01-19', per_page: '51', pagination_offset: '2' })).toEqual({
      ...first,
      ...{ type: 'expired', toDate: '2021-01-19', perPage: 50, page: 2 },
    });
  });

  it.each([
    [listQuery, { type: 'OTHER' }, 'must be CANCEL, REJECTED or EXPIRED'],
    [downloadQuery, { start_date: '18-01-2021' }, 'must be a date such as 2021-01-18'],
    [downloadQuery, { end_date: 'x' }, 'must be a date such as 2021-01-18'],
    ...['0', '1.5', 'x'].flatMap((text): [z.ZodType, object, string][] => [
      [listQuery, { per_page: text }, 'must be a whole number'],
      [listQuery, { pagination_offset: text }, 'must be a page number'],
    ]),
    ...['7', 0, 1.5, -1].map((id): [z.ZodType, object, string] => [orderBody, { id }, 'must be an order id']),
    [sameOrderBody, { id: 'x' }, 'must be an order id'],
  ] as [z.ZodType, object, string][])('takes nothing else than is documented: %#', (schema, given, words) => {
    expect(schema.safeParse(given).error?.issues.map(({ message }) => message)).toEqual([words]);
  });

  it('takes the number of an order with every digit', () => {
    const ids = [7, new LongNumber('9'.repeat(18))].map((id) => orderBody.parse({ id }).id);
    expect(ids).toEqual(['7', '9'.repeat(18)]);
    expect(sameOrderBody.parse({})).toEqual({});
  });

  it('links to the pages beside one, here and with its filters', () => {
    const page = (number: string, totalPages: number, changes: Record<string, string> = {}) => {
      const query = listQuery.parse({ per_page: '2', pagination_offset: number, ...changes });
      return ngorderPage({ kind: 'page', rows: [{ a: 1 }], total: 7, totalPages }, query, 'https://here.example').body;
    };
    const link = (filters: string, to: number) =>
      `https://here.example/api/open/order-cancel?${filters}&per_page=2&pagination_offset=${to}`;
    const pagination = { total: 7, count: 1, per_page: 2, current_page: 2, total_pages: 3 };
    const links = { next: link('type=CANCEL', 3), previous: link('type=CANCEL', 1) };
    expect(page('2', 3)).toEqual({ data: [{ a: 1 }], meta: { pagination: { ...pagination, links } } });
    expect(page('1', 3)).toMatchObject({ meta: { pagination: { links: { next: link('type=CANCEL', 2) } } } });
    const filters = 'type=EXPIRED&start_date=2021-01-18';
    const dated = page('3', 3, { type: 'EXPIRED', start_date: '2021-01-18' });
    expect(dated).toEqual({
      data: [{ a: 1 }],
      meta: { pagination: { ...pagination, current_page: 3, links: { previous: link(filters, 2) } } },
    });
    expect(page('1', 1)).toMatchObject({ meta: { pagination: { links: [] } } });
  });
});

it('an operation that is being decided is told as such', () => {
  expect(dropInHeaders({ ...answer(), operation: viewOf(PENDING) })['countermand-outcome']).toBe('pending');
});
