import * as z from 'zod';
import { redact } from '../../../functions/runtime/redact.ts';
import type { Invoked } from '../aws/lambdas.ts';
import { adviceOn, countsIn, operationSchema, type Places } from './facts.ts';
import type { WorkLine } from './work-line.ts';

/**
 * The line of an invocation that a queue or another program made, and of every one that failed. Null for the others: requests,
 * schedules and streams are told by the request's line, and by what the function logs.
 */
export function invocationLine({ at, functionName, event, result, ms }: Invoked, places: Places): WorkLine | null {
  const line = { at, ms, status: null, outcome: '', order: '', what: functionName.replace(/^Countermand-/, '') };
  if (result.kind === 'failed') {
    const { errorType, errorMessage } = result.error;
    const [first = ''] = errorMessage.split('\n');
    const words = `${errorType}: ${redact(first).replace(/\.$/, '')}. ${places.functionLog} has more.`;
    return { ...line, outcome: 'error', words };
  }
  const value: unknown = JSON.parse(result.payload);
  const invoker = eventSchema.safeParse(event).data ?? {};
  if (invoker.requestContext !== undefined || invoker.source === 'aws.events') return null;
  if (invoker.Records === undefined) return { ...line, ...answerOf(value) };
  const isQueue = invoker.Records.some(({ eventSource }) => eventSource === 'aws:sqs');
  return isQueue ? { ...line, words: wordsOfBatch(invoker.Records.length, value) } : null;
}

const eventSchema = z.object({
  requestContext: z.unknown().optional(),
  source: z.unknown().optional(),
  Records: z
    .array(z.object({ eventSource: z.unknown() }))
    .optional()
    .catch(undefined),
});
const batchSchema = z.object({ batchItemFailures: z.array(z.unknown()) });

function wordsOfBatch(count: number, value: unknown): string {
  const back = batchSchema.safeParse(value).data?.batchItemFailures.length ?? 0;
  const taken = `${count} message${count === 1 ? '' : 's'} taken`;
  return back === 0 ? taken : `${taken}, ${back} of them come${back === 1 ? 's' : ''} back later`;
}

function answerOf(value: unknown): Pick<WorkLine, 'outcome' | 'order' | 'words'> {
  const { data: operation } = operationSchema.safeParse(value);
  if (operation !== undefined) {
    const { id, outcome, detail } = operation;
    return { outcome, order: id, words: `invoked: ${detail}${adviceOn(operation)}` };
  }
  const counts = countsIn(typeof value === 'object' && value !== null ? value : {});
  return { outcome: '', order: '', words: ['invoked', ...(counts.length === 0 ? [] : [counts.join(', ')])].join(': ') };
}
