import type { ListedOrder, OrderFacts } from '../providers/provider.ts';
import { cut } from '../runtime/cut.ts';
import { withoutValues } from '../runtime/personal-values.ts';
import type { OperationNeeds } from './needs.ts';
import type { Evidence } from './rules/operation.ts';
import { listedSnapshot, type Snapshot } from './rules/snapshot.ts';

const LONGEST_WORDS = 300;
const LONGEST_STATUS = 60;

/** The evidence that an operation keeps of a reply or a read-back made now. `status`: the provider's own word, if it showed one. */
export function evidenceOf(
  source: Evidence['source'],
  status: string | null,
  { redact, clock }: Pick<OperationNeeds, 'redact' | 'clock'>,
): Evidence {
  const kept = status === null ? null : keptStatus(status, redact);
  return { source, status: kept, at: new Date(clock.now()).toISOString() };
}

/** What an operation keeps of an order that the provider showed; null if it showed none. */
export function keptSnapshot(
  listed: ListedOrder | null | undefined,
  { redact }: Pick<OperationNeeds, 'redact'>,
): Snapshot | null {
  return listed ? listedSnapshot(listed, redact) : null;
}

/**
 * The provider's words as they may be kept: at most {@link LONGEST_WORDS} characters, without the order's personal values, without the
 * longer words of these values, however they are spelt, and without anything that looks like personal data.
 */
export function keptWords(words: string, order: OrderFacts | null, redact: (text: string) => string): string {
  return cut(redact(withoutValues(order?.personalData ?? [])(words)), LONGEST_WORDS);
}

/** A status as it may be kept. It is the provider's text, so it may hold anything; a real status is short. */
export function keptStatus(status: string, redact: (text: string) => string): string {
  return cut(redact(status), LONGEST_STATUS);
}
