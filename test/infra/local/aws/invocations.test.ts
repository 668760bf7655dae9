import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { startAwsServices, type AwsServices } from '../../../../infra/local/aws/aws-services.ts';
import { nested } from '../../../support/nested.ts';

let services: AwsServices;
let invoked: [string, unknown][];

beforeAll(async () => {
  const refuseCall = () => Promise.reject(new Error('is not called here'));
  services = await startAwsServices({
    port: 0,
    eventBus: { put: refuseCall },
    tasks: { record: () => undefined },
    messageMoves: { has: () => false, answer: refuseCall, close: () => Promise.resolve() },
    sqsEndpoint: 'http://127.0.0.1:1',
    functionNames: new Set(['Countermand-run-cancel-task', 'broken']),
    invoke: (name, event) => {
      invoked.push([name, event]);
      return Promise.resolve(
        name === 'broken'
          ? { kind: 'failed', error: { errorType: 'OrderNotFound', errorMessage: 'no', trace: ['at'] } }
          : { kind: 'returned', payload: '{"id":1}' },
      );
    },
  });
});
afterAll(() => services.close());
beforeEach(() => {
  invoked = [];
});

async function invoke(name: string, { query = '', type, body = '{"a":1}' }: Record<string, string> = {}) {
  const reply = await fetch(`${services.endpoint}/2015-03-31/functions/${name}/invocations${query}`, {
    method: 'POST',
    headers: type === undefined ? {} : { 'x-amz-invocation-type': type },
    body,
  });
  const text = await reply.text();
  return {
    status: reply.status,
    error: reply.headers.get('x-amzn-errortype'),
    functionError: reply.headers.get('x-amz-function-error'),
    body: text === '' ? '' : (JSON.parse(text) as unknown),
  };
}

const NAME = 'Countermand-run-cancel-task';
const ARN = `arn:aws:lambda:us-east-1:000000000000:function:${NAME}`;

describe('a function on this machine', () => {
  it.each([
    [NAME, ''],
    [`${NAME}:$LATEST`, ''],
    [NAME, '?Qualifier=$LATEST'],
    [`${NAME}%3A%24LATEST`, '?Qualifier=%24LATEST'],
    [ARN, ''],
    [encodeURIComponent(ARN), ''],
    [`${ARN}:$LATEST`, ''],
    [`123456789012:function:${NAME}`, ''],
    [`123456789012:function:${NAME}:$LATEST`, ''],
    [`function:${NAME}`, ''],
    [`arn:aws:lambda:sa-east-1:123456789012:function:${NAME}`, ''],
  ])('is invoked as %s%s', async (name, query) => {
    expect(await invoke(name, { query })).toMatchObject({
      status: 200,
      error: null,
      functionError: null,
      body: { id: 1 },
    });
    expect(invoked).toEqual([[NAME, { a: 1 }]]);
  });

  it.each([
    ['nobody', '', 'nobody'],
    [`${NAME}:prod`, '', `${NAME}:prod`],
    [`${ARN}:7`, '', `${NAME}:7`],
    [NAME, '?Qualifier=prod', `${NAME}:prod`],
    ['toString', '', 'toString'],
  ])('is not found as %s%s', async (name, query, shown) => {
    expect(await invoke(name, { query })).toEqual({
      status: 404,
      error: 'ResourceNotFoundException',
      functionError: null,
      body: { Type: 'User', Message: `Function not found: arn:aws:lambda:us-east-1:000000000000:function:${shown}` },
    });
    expect(invoked).toEqual([]);
  });

  it.each([
    ['a name that none has', 'a b', {}, 400, 'ValidationException'],
    ['what is no address', '%zz', {}, 400, 'ValidationException'],
    ['two qualifiers', `${NAME}:$LATEST`, { query: '?Qualifier=1' }, 400, 'InvalidParameterValueException'],
    ['an unknown type', NAME, { type: 'Later' }, 400, 'InvalidParameterValueException'],
    ['no JSON', NAME, { body: '{"a"' }, 400, 'InvalidRequestContentException'],
    ['no JSON, to be run later', NAME, { body: '{"a"', type: 'Event' }, 400, 'InvalidRequestContentException'],
    ['JSON that nests deep', NAME, { body: nested(20_000) }, 400, 'InvalidRequestContentException'],
  ])('is not invoked with %s', async (_, name, given, status, error) => {
    expect(await invoke(name, given)).toMatchObject({ status, error, body: { Message: expect.any(String) } });
    expect(invoked).toEqual([]);
  });

  it('is run later, only tried, or waited for', async () => {
    expect(await invoke(NAME, { type: 'DryRun' })).toMatchObject({ status: 204, body: '' });
    expect(invoked).toEqual([]);
    expect(await invoke(NAME, { type: 'Event' })).toMatchObject({ status: 202, body: '' });
    expect(await invoke(NAME, { type: 'RequestResponse', body: '' })).toMatchObject({ status: 200, body: { id: 1 } });
    expect(invoked).toEqual([
      [NAME, { a: 1 }],
      [NAME, {}],
    ]);
    expect(await invoke('nobody', { type: 'DryRun' })).toMatchObject({ status: 404 });
    expect(await invoke('nobody', { type: 'Event' })).toMatchObject({ status: 404 });
  });

  it('says by a header that it failed, and how in the body', async () => {
    expect(await invoke('broken')).toEqual({
      status: 200,
      error: null,
      functionError: 'Unhandled',
      body: { errorType: 'OrderNotFound', errorMessage: 'no', trace: ['at'] },
    });
  });
});
