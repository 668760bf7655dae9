import type { CancelCommand } from '../../functions/commands/cancel-command.ts';
import { carryOut, type Delivery } from '../../functions/commands/carry-out.ts';
import { fingerprintOf } from '../../functions/idempotency/fingerprint.ts';
import { scopedKey } from '../../functions/idempotency/idempotency-key.ts';
import type { OperationNeeds } from '../../functions/operations/needs.ts';
import { readOrder } from '../../functions/operations/read-back.ts';
import type { KeyClaim } from '../../functions/operations/ledger/ledger.ts';
import { observe } from '../../functions/operations/observe.ts';
import { viewOf } from '../../functions/operations/rules/view-of.ts';
import {
  answerWithoutAsking,
  perform,
  performLater,
  type Command,
  type Performed,
} from '../../functions/operations/perform.ts';
import { listedSnapshot } from '../../functions/operations/rules/snapshot.ts';
import { commandOf, type MessageAsk } from '../../functions/webhooks/command.ts';
import type { Container } from './container.ts';
import type { TableShape } from './dynamodb.ts';
import type { Shown } from './history.ts';
import type { CallerPlan } from './plan.ts';

/** How callers are served. Countermand's own way, or one to compare it with. */
export interface Way {
  /** One ask, as a function works on it. What it returns is what the caller is shown; null where there is nothing to show. */
  ask(
    caller: CallerPlan,
    container: Container,
    remainingMs: () => number,
  ): Promise<{ operation: Shown; replayed: boolean } | null>;
  /** Whether a settler looks after what is left open. */
  readonly hasSettler: boolean;
  /** Told of the run's time when it begins; what it returns is called when it ends. */
  begin?(now: () => number): () => void;
  /** Tables beside Countermand's. */
  readonly tables: Readonly<Record<string, TableShape>>;
}

export const COUNTERMAND: Way = {
  hasSettler: true,
  tables: {},
  async ask(caller, container, remainingMs) {
    const performed = await performFor(caller, container, remainingMs);
    return performed === null ? null : { operation: viewOf(performed.operation), replayed: performed.replayed };
  },
};

/** What the function of this way in does, once it has read what came in. */
async function performFor(
  caller: CallerPlan,
  { needs, connections }: Container,
  remainingMs: () => number,
): Promise<Performed | null> {
  const { connection, orderId } = caller.order;
  const { provider } = connections.get(connection);
  switch (caller.wayIn) {
    case 'queue':
      return carryOut(queued(caller), delivered(caller), { connections, operations: needs }, remainingMs);
    case 'shop':
      return performLater(commandOf(asked(caller), { webhook: 'shop', id: messageOf(caller), provider }), needs);
    case 'hint': {
      const observed = await observe({ connection, provider, orderId, trigger: 'webhook' }, needs, remainingMs);
      if (observed.kind === 'unread') throw new Error(`Not read: ${observed.failure.kind}`);
      return observed.kind === 'nothing' ? null : { operation: observed.operation, replayed: true };
    }
    case 'http': {
      const { reason, name, kind } = caller;
      const fields = { connection, provider, orderId, reason, note: null, actor: name, idempotency: keyClaim(caller) };
      const command = { ...fields, trigger: 'http' } as const;
      if (kind === 'delete') return performDelete({ ...command, kind }, needs, remainingMs);
      return perform({ ...command, kind }, needs, remainingMs);
    }
  }
}

/** As `delete-cancelled-order` does it: the order is read for its tombstone, unless its answer stands already. */
async function performDelete(
  command: Omit<Extract<Command, { kind: 'delete' }>, 'tombstone'>,
  needs: OperationNeeds,
  remainingMs: () => number,
): Promise<Performed> {
  const known = await answerWithoutAsking(command, needs);
  if (known !== null) return known;
  const { seen } = await readOrder(command, needs, remainingMs);
  if ((seen.kind !== 'cancelled' && seen.kind !== 'closed') || !seen.order.listed)
    throw new Error(`Not there to delete: ${seen.kind}`);
  return perform({ ...command, tombstone: listedSnapshot(seen.order.listed, needs.redact) }, needs, remainingMs);
}

/** The idempotency key that the ask of a caller is written down with, if any. */
export function keyOf(caller: CallerPlan): string | null {
  switch (caller.wayIn) {
    case 'queue':
      return scopedKey('trigger:queue', caller.key === null ? `delivery ${caller.id}` : `key ${caller.key}`);
    case 'shop':
      return scopedKey('webhook:shop', messageOf(caller));
    case 'hint':
      return null;
    case 'http':
      return keyClaim(caller)?.key ?? null;
  }
}

/** The key and the fingerprint, as the HTTP edge makes them. */
function keyClaim({ key, name, kind, order, reason }: CallerPlan): KeyClaim | null {
  if (key === null) return null;
  const route = `${kind} ${order.connection}:${order.orderId}`;
  return { key: scopedKey(name, key), fingerprint: fingerprintOf({ caller: name, route, body: { reason } }) };
}

function queued(caller: CallerPlan): CancelCommand {
  const { key, reason, order } = caller;
  const { connection, orderId } = order;
  return { connection, orderId, ...(reason && { reason }), ...(key !== null && { idempotencyKey: key }) };
}

/** Every delivery of a message has the same id. */
function delivered({ id }: CallerPlan): Delivery {
  return { trigger: 'queue', identity: id };
}

function messageOf({ key, id }: CallerPlan): string {
  return key ?? id;
}

function asked({ order, reason }: CallerPlan): MessageAsk {
  return { connection: order.connection, orderId: order.orderId, reason };
}
