import type { OperationNeeds } from './needs.ts';
import type { Written } from './ledger/ledger.ts';
import { moved, type Move } from './rules/moves.ts';
import { isOpen, operationId, type OpenOperation, type Operation } from './rules/operation.ts';

/**
 * Writes what came of an ask or a look, and returns the operation as the ledger has it.
 *
 * Another owner may have taken the order meanwhile, because our lease ran out: then that owner's version stands, but for a proof
 * that it is done, which is as good late as it was in time and settles what is still open. Not so where that owner has asked the
 * provider again: what comes of that ask is not known here, and ends the operation. Where the write itself fails the earlier version
 * stands, durably, and the settler takes it up when its lease ends.
 */
export async function recordMove(
  previous: OpenOperation,
  move: Move,
  owner: string,
  needs: OperationNeeds,
): Promise<Operation> {
  const writer = () => ({ owner, now: needs.clock.now() });
  try {
    const first = await needs.ledger.write(previous, moved(previous, move, writer()));
    if (first.kind === 'written') return logMove(first, needs);
    if (first.current.number !== previous.number) return await findWrittenOver(previous, first.current, needs);
    const isAskedAgain = first.current.attempts > previous.attempts;
    if (move.to !== 'confirmed' || !isOpen(first.current) || isAskedAgain) return first.current;
    const late = await needs.ledger.write(first.current, moved(first.current, move, writer()));
    return late.kind === 'written' ? logMove(late, needs) : await findWrittenOver(previous, late.current, needs);
  } catch (error) {
    needs.log.error('LEDGER_WRITE_FAILED', { operation: operationId(previous), error: String(error) });
    return previous;
  }
}

/**
 * The operation that was written over, where the order has gone on to another one since: it ended, perhaps by our own write whose
 * reply was lost, and is kept beside the current one.
 */
async function findWrittenOver(previous: OpenOperation, current: Operation, needs: OperationNeeds): Promise<Operation> {
  if (current.number === previous.number) return current;
  return (await needs.ledger.findOperation(operationId(previous))) ?? current;
}

/** One line for each step of an operation's life, and an error, for an alarm, where a person has to act. */
function logMove({ operation, refusal }: Written & { kind: 'written' }, needs: OperationNeeds): Operation {
  if (refusal !== undefined) {
    needs.log.error('LEDGER_WRITE_REFUSED', { operation: operationId(operation), error: refusal });
  }
  const fields = {
    operation: operationId(operation),
    outcome: operation.state,
    detail: operation.detail,
    attempts: operation.attempts,
  };
  if (operation.state === 'needs_attention') needs.log.error('OPERATION_NEEDS_ATTENTION', fields);
  else needs.log.info('OPERATION_MOVED', fields);
  return operation;
}
