import type { Context } from 'aws-lambda';

type Handler<Reply> = (event: unknown, context: Context) => Promise<Reply>;

/** A handler that is built at its first event and then kept: importing its file does no work, and a failed build is tried again. */
export function onColdStart<Reply>(build: () => Handler<Reply>): Handler<Reply> {
  const built = once(build);
  return (event, context) => built()(event, context);
}

/** The value, made at its first use. */
export function once<Value>(make: () => Value): () => Value {
  let made: { value: Value } | undefined;
  return () => (made ??= { value: make() }).value;
}
