import middy, { type MiddlewareObj } from '@middy/core';
import type { Context } from 'aws-lambda';
import type { ZodType } from 'zod';
import type { InvocationLogger } from './logger.ts';

export interface Invocation {
  /** Lambda repeats an asynchronous invocation with the same id. */
  readonly requestId: string;
  readonly remainingMs: () => number;
}

interface EventFunction<Event, Reply> {
  /** The shape of the event; `z.unknown()` where the function does not read it. */
  readonly event: ZodType<Event>;
  readonly log: InvocationLogger;
  readonly handle: (event: Event, invocation: Invocation) => Promise<Reply>;
}

/**
 * The chain of every function whose trigger is not HTTP, as `http/chain.ts` is for HTTP: the log takes the request id, the event is
 * parsed, and the function works. Throws a `ZodError` for an event of another shape, and whatever the function throws.
 */
export function eventChain<Event, Reply>({ event: schema, log, handle }: EventFunction<Event, Reply>) {
  // Middy would end the function 5 ms early; the functions watch their own time.
  const chain = middy<unknown, Reply>({ timeoutEarlyInMillis: 0 })
    .use(beginLog(log))
    .handler((event: unknown, context: Context) =>
      handle(schema.parse(event), {
        requestId: context.awsRequestId,
        remainingMs: () => context.getRemainingTimeInMillis(),
      }),
    );
  return (event: unknown, context: Context): Promise<Reply> => chain(event, context);
}

function beginLog(log: InvocationLogger): MiddlewareObj {
  return {
    before: ({ context }) => {
      log.begin(context.awsRequestId);
    },
  };
}
