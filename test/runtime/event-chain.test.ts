import { describe, expect, it } from '@jest/globals';
import * as z from 'zod';
import { eventChain, type Invocation } from '../../functions/runtime/event-chain.ts';
import { keepingLog, lambdaContext } from '../support/api-event.ts';

const schema = z.object({ Records: z.array(z.object({ id: z.string().transform(Number) })) });

function chainWith(handle: (event: z.infer<typeof schema>, invocation: Invocation) => Promise<unknown>) {
  const steps: string[] = [];
  const log = { ...keepingLog(), begin: (requestId: string) => steps.push(`begin ${requestId}`) };
  const chain = eventChain({
    event: schema,
    log,
    handle: (event, invocation) => {
      steps.push('handle');
      return handle(event, invocation);
    },
  });
  return { chain, steps };
}

describe('the chain for events', () => {
  it('hands the parsed event, the request id and the time to the function, and answers what the function answers', async () => {
    const { chain } = chainWith((event, { requestId, remainingMs }) =>
      Promise.resolve({ event, requestId, remainingMs: remainingMs() }),
    );
    expect(await chain({ Records: [{ id: '7' }], more: 1 }, lambdaContext(5_000))).toEqual({
      event: { Records: [{ id: 7 }] },
      requestId: 'request-1',
      remainingMs: 5_000,
    });
  });

  it('gives the log the request id before anything else happens', async () => {
    const { chain, steps } = chainWith(() => Promise.resolve(null));
    await chain({ Records: [] }, lambdaContext());
    expect(steps).toEqual(['begin request-1', 'handle']);
  });

  it('throws for an event of another shape, and calls no function', async () => {
    const { chain, steps } = chainWith(() => Promise.resolve(null));
    await expect(chain({ Records: [{ id: 7 }] }, lambdaContext())).rejects.toThrow(z.ZodError);
    expect(steps).toEqual(['begin request-1']);
  });

  it('throws the very error of the function: Step Functions finds it by its name', async () => {
    const error = new Error('no');
    const { chain } = chainWith(() => Promise.reject(error));
    await expect(chain({ Records: [] }, lambdaContext())).rejects.toBe(error);
  });

  it.each([null, {}, 'text'])('hands %j on as it came where the function does not say what it reads', async (event) => {
    const chain = eventChain({ event: z.unknown(), log: keepingLog(), handle: (given) => Promise.resolve({ given }) });
    expect(await chain(event, lambdaContext())).toEqual({ given: event });
  });

  it('leaves the end of the time to the function', async () => {
    const chain = eventChain({ event: z.unknown(), log: keepingLog(), handle: () => Promise.resolve('done') });
    expect(await chain({}, lambdaContext(0))).toBe('done');
  });
});
