import type { OperationNeeds } from './needs.ts';
import type { Written } from './ledger/ledger.ts';
import { moved, type Move } from './rules/moves.ts';
import { isOpen, operationId, type OpenOperation, type Operation } from './rules/operation.ts';

/**
 * Writes the result of an ask or a look, and returns the operation as the ledger has it.
 *
 * If our lease ran out, another owner may have taken the order meanwhile. That owner's version is kept, with one exception: a proof that
 * the change was made is as good late as in time, so it settles an operation that is still open. This does not hold if that owner has asked
 * the provider again, because the result of that ask is not known here and must end the operation. If the write itself fails, the earlier
 * version stays in the ledger, and the settler picks it up when its lease ends.
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
 * Finds the operation that we meant to write, if the order has moved on to another operation since. The earlier one has ended, perhaps by
 * our own write whose reply was lost, and the ledger keeps it beside the current one.
 */
async function findWrittenOver(previous: OpenOperation, current: Operation, needs: OperationNeeds): Promise<Operation> {
  if (current.number === previous.number) return current;
  return (await needs.ledger.findOperation(operationId(previous))) ?? current;
}

/** Logs one line for each step of an operation's life. If a person has to act, the line is an error, which raises an alarm. */
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
