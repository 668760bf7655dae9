import type { OperationNeeds } from './needs.ts';
import { OperationInProgress } from './errors.ts';
import { secondsUntilDue } from './rules/operation.ts';
import { viewOf } from './rules/view-of.ts';
import type { OperationView } from './rules/operation-view.ts';
import type { Performed } from './perform.ts';

/** Time that is reserved after the ask, to read the provider's order for the reply. */
const READ_MS = 6_000;

export interface Followed {
  readonly operation: OperationView;
  readonly replayed: boolean;
  /** Seconds until polling is worthwhile; 0 if the operation is final. */
  readonly retryAfterSeconds: number;
}

/**
 * Performs an ask for a caller who does not know about operations. If another invocation is working on an operation of the same kind now, that
 * operation is an answer too. Leaves time to read the order afterwards. Otherwise throws what `perform` throws.
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
