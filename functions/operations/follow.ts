import type { OperationNeeds } from './needs.ts';
import { OperationInProgress } from './errors.ts';
import { secondsUntilDue } from './rules/operation.ts';
import { viewOf } from './rules/view-of.ts';
import type { OperationView } from './rules/operation-view.ts';
import type { Performed } from './perform.ts';

/** The provider's order is read for the reply after the ask: time is kept back for it. */
const READ_MS = 6_000;

export interface Followed {
  readonly operation: OperationView;
  readonly replayed: boolean;
  /** When it is worth asking again; 0 where the operation is final. */
  readonly retryAfterSeconds: number;
}

/**
 * Performs an ask for a caller who knows of no operations: one of the same kind that is being worked on by another invocation at
 * this moment is an answer, too, and time is left to read the order afterwards. Throws what `perform` throws otherwise.
 */
export async function performOrFollow(
  perform: (remainingMs: () => number) => Promise<Performed>,
  needs: Pick<OperationNeeds, 'clock'>,
  remainingMs: () => number,
): Promise<Followed> {
  try {
    const { operation, replayed } = await perform(() => remainingMs() - READ_MS);
    return { operation: viewOf(operation), replayed, retryAfterSeconds: secondsUntilDue(operation, needs.clock.now()) };
  } catch (error) {
    if (!(error instanceof OperationInProgress) || !error.isSameKind) throw error;
    return { operation: error.view, replayed: true, retryAfterSeconds: error.retryAfterSeconds };
  }
}
