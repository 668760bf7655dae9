import * as z from 'zod';

const replySchema = z.object({ batchItemFailures: z.array(z.object({ itemIdentifier: z.string() })).default([]) });

/** The items of a batch that the function says it did not carry out. https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html */
export function failuresIn(payload: string): Set<string> {
  const { batchItemFailures } = replySchema.parse(JSON.parse(payload) ?? {});
  return new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
}
