import { isOpen, type Operation, type OperationKind } from './operation.ts';

/** How an ask is answered if its order already has an operation. */
export type Succession =
  /** The order's operation with this number is the answer. No calls are made. */
  | { readonly kind: 'replay'; readonly number: number }
  /** The ask must wait: the current operation is of another kind and still open. */
  | { readonly kind: 'in_the_way' }
  /** The ask is turned away for good: the operation with this number deleted the order. */
  | { readonly kind: 'deleted'; readonly number: number }
  /** The ask opens a new operation. */
  | { readonly kind: 'next' };

/**
 * THE rule of which operation may follow which. An order has one operation at a time, and its last confirmed operation says what state
 * the order is in. A cancelled order is not cancelled again until a restore is confirmed, and the other way round. A deleted order stays
 * deleted. A refused operation had no effect: it only allows a new ask.
 *
 * | current operation | confirmed last | a cancel | a restore | a delete |
 * | --- | --- | --- | --- | --- |
 * | open cancel | any | replay it | in the way | in the way |
 * | open restore | any | in the way | replay it | in the way |
 * | open delete | any | in the way | in the way | replay it |
 * | settled | nothing | next | next | next |
 * | settled | cancel | replay that cancel | next | next |
 * | settled | restore | next | replay that restore | next |
 * | settled | delete | deleted | deleted | replay that delete |
 *
 * "Confirmed last" is the current operation if it is confirmed. If it is refused, it is the last one confirmed before it.
 */
export function succession(asked: OperationKind, current: Operation): Succession {
  if (isOpen(current)) {
    return current.kind === asked ? { kind: 'replay', number: current.number } : { kind: 'in_the_way' };
  }
  const last = confirmedLast(current);
  if (last === null) return { kind: 'next' };
  if (last.kind === asked) return { kind: 'replay', number: last.number };
  return last.kind === 'delete' ? { kind: 'deleted', number: last.number } : { kind: 'next' };
}

/** Returns the order's last confirmed operation, which may be the current one. */
export function confirmedLast(current: Standing): LastConfirmed {
  if (current.state !== 'confirmed') return current.lastConfirmed;
  const { kind, number, detail, settledAt = null } = current;
  // If the order was already as wanted, nobody knows since when.
  return { kind, number, doneAt: detail.startsWith('already_') ? null : settledAt };
}

type LastConfirmed = Operation['lastConfirmed'];
/** The parts of an operation that say what state its order is in. */
type Standing = Pick<Operation, 'kind' | 'number' | 'detail' | 'lastConfirmed'> & {
  state: string;
  settledAt?: string | undefined;
};
