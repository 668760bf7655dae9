import { fingerprintOf } from '../../functions/idempotency/fingerprint.ts';
import { scopedKey } from '../../functions/idempotency/idempotency-key.ts';
import type { OperationNeeds } from '../../functions/operations/ask.ts';
import { readOrder } from '../../functions/operations/dry-run.ts';
import { viewOf } from '../../functions/operations/operation.ts';
import { answered, perform, type Command, type Performed } from '../../functions/operations/perform.ts';
import { snapshotOf } from '../../functions/operations/snapshot.ts';
import type { Container } from './container.ts';
import type { TableShape } from './dynamodb.ts';
import type { Shown } from './history.ts';
import type { CallerPlan } from './plan.ts';

/** How callers are served. Countermand's own way, or one to compare it with. */
export interface Way {
  /** One ask, as a function works on it. What it returns is what the caller is shown. */
  ask(
    caller: CallerPlan,
    container: Container,
    remainingMs: () => number,
  ): Promise<{ operation: Shown; replayed: boolean }>;
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
    const { needs } = container;
    const { connection, orderId } = caller.order;
    const command = {
      connection,
      provider: container.providerOf(connection),
      orderId,
      reason: caller.reason,
      note: null,
      actor: caller.name,
      trigger: 'http',
      idempotency: keyOf(caller),
    } as const;
    const { operation, replayed } =
      caller.kind === 'delete'
        ? await performDelete({ ...command, kind: caller.kind }, needs, remainingMs)
        : await perform({ ...command, kind: caller.kind }, needs, remainingMs);
    return { operation: viewOf(operation), replayed };
  },
};

/** As `delete-cancelled-order` does it: the order is read for its tombstone, unless its answer stands already. */
async function performDelete(
  command: Omit<Extract<Command, { kind: 'delete' }>, 'tombstone'>,
  needs: OperationNeeds,
  remainingMs: () => number,
): Promise<Performed> {
  const known = await answered(command, needs);
  if (known !== null) return known;
  const { seen } = await readOrder(command, needs, remainingMs);
  if ((seen.kind !== 'cancelled' && seen.kind !== 'closed') || !seen.order.listed)
    throw new Error(`Not there to delete: ${seen.kind}`);
  return perform({ ...command, tombstone: snapshotOf(seen.order.listed.order, needs.redact) }, needs, remainingMs);
}

/** The key and the fingerprint, as the HTTP edge makes them. */
export function keyOf({ key, name, kind, order, reason }: CallerPlan): { key: string; fingerprint: string } | null {
  if (key === null) return null;
  const route = `${kind} ${order.connection}:${order.orderId}`;
  return { key: scopedKey(name, key), fingerprint: fingerprintOf({ caller: name, route, body: { reason } }) };
}
