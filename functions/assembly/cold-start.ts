import type { Context } from 'aws-lambda';

type Handler<Reply> = (event: unknown, context: Context) => Promise<Reply>;

/** Returns a handler that is built at its first event and then kept. Importing its file does no work, and a failed build is tried again. */
export function onColdStart<Reply>(build: () => Handler<Reply>): Handler<Reply> {
  const built = once(build);
  return (event, context) => built()(event, context);
}

/** Returns a function that makes the value at its first use and then keeps it. */
export function once<Value>(make: () => Value): () => Value {
  let made: { value: Value } | undefined;
  return () => (made ??= { value: make() }).value;
}
