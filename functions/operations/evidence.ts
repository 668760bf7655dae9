import type { ListedOrder, OrderFacts } from '../providers/provider.ts';
import { cut } from '../runtime/cut.ts';
import { withoutValues } from '../runtime/personal-values.ts';
import type { OperationNeeds } from './needs.ts';
import type { Evidence } from './rules/operation.ts';
import { listedSnapshot, type Snapshot } from './rules/snapshot.ts';

const LONGEST_WORDS = 300;
const LONGEST_STATUS = 60;

/** Returns the evidence of a reply or a read-back made now. `status`: the provider's own word; null if it showed none. */
export function evidenceOf(
  source: Evidence['source'],
  status: string | null,
  { redact, clock }: Pick<OperationNeeds, 'redact' | 'clock'>,
): Evidence {
  const kept = status === null ? null : keptStatus(status, redact);
  return { source, status: kept, at: new Date(clock.now()).toISOString() };
}

/** Returns the snapshot that an operation keeps of the order; null if the provider did not show the order. */
export function keptSnapshot(
  listed: ListedOrder | null | undefined,
  { redact }: Pick<OperationNeeds, 'redact'>,
): Snapshot | null {
  return listed ? listedSnapshot(listed, redact) : null;
}

/**
 * Returns the provider's words in a form that may be kept: at most {@link LONGEST_WORDS} characters, without the order's personal values,
 * without the longer words in these values, in any spelling, and without anything that looks like personal data.
 */
export function keptWords(words: string, order: OrderFacts | null, redact: (text: string) => string): string {
  return cut(redact(withoutValues(order?.personalData ?? [])(words)), LONGEST_WORDS);
}

/** Returns a status in a form that may be kept. It is the provider's text, so it may hold anything; a real status is short. */
export function keptStatus(status: string, redact: (text: string) => string): string {
  return cut(redact(status), LONGEST_STATUS);
}
