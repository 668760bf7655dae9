import { isOpen, type Operation, type OperationKind } from './operation.ts';

/** What an ask is answered with where its order has an operation. */
export type Succession =
  /** With that operation of the order's; nothing is called. */
  | { readonly kind: 'replay'; readonly number: number }
  /** Not now: the current operation, of another kind, is still open. */
  | { readonly kind: 'in_the_way' }
  /** Never: the order was deleted by that operation. */
  | { readonly kind: 'deleted'; readonly number: number }
  /** With a new operation. */
  | { readonly kind: 'next' };

/**
 * THE rule of what follows what. An order has one operation at a time, and what was confirmed last says how it stands: an
 * order that is cancelled is not cancelled again, until a restore was confirmed, and so the other way round; what is deleted stays
 * deleted. A refused operation had no effect, so it changes nothing but that a new ask may be made.
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
 * "Confirmed last" is the current operation where it is confirmed, and what stood before it where it is refused.
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

/** What was confirmed last of an order, its current operation included. */
export function confirmedLast(current: Standing): LastConfirmed {
  if (current.state !== 'confirmed') return current.lastConfirmed;
  const { kind, number, detail, settledAt = null } = current;
  // Where it was so already, nobody knows since when.
  return { kind, number, doneAt: detail.startsWith('already_') ? null : settledAt };
}

type LastConfirmed = Operation['lastConfirmed'];
/** As much of an operation as says how its order stands. */
type Standing = Pick<Operation, 'kind' | 'number' | 'detail' | 'lastConfirmed'> & {
  state: string;
  settledAt?: string | undefined;
};
