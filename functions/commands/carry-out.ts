import { NotSupportedByProvider } from '../operations/errors.ts';
import { fingerprintOf } from '../idempotency/fingerprint.ts';
import { scopedKey } from '../idempotency/idempotency-key.ts';
import type { OperationNeeds } from '../operations/needs.ts';
import type { Trigger } from '../operations/rules/operation.ts';
import { perform, type Performed } from '../operations/perform.ts';
import type { Connections } from '../providers/connections.ts';
import type { CancelCommand } from './cancel-command.ts';

export interface CarryOutNeeds {
  readonly connections: Pick<Connections, 'providerOf' | 'checkOrderId'>;
  readonly operations: OperationNeeds;
}

/** How a command arrived. */
export interface Delivery {
  readonly trigger: Exclude<Trigger, 'http'>;
  /**
   * An id that stays the same when the same command is delivered again (a message's id, an event's id). Without it, a refused command
   * that is delivered once more would be taken for a new ask and open the order's next operation.
   */
  readonly identity: string;
}

/**
 * Carries out a command that may be delivered more than once: every delivery after the first gets the first one's operation. If the
 * command has an idempotency key of its own, that key counts instead of the delivery's identity.
 *
 * Throws `UnknownConnection`, `InvalidOrderId`, `NotSupportedByProvider`, and what `perform` throws.
 */
export async function carryOut(
  { connection, orderId, idempotencyKey, ...said }: CancelCommand,
  { trigger, identity }: Delivery,
  needs: CarryOutNeeds,
  remainingMs: () => number,
): Promise<Performed> {
  needs.connections.checkOrderId(connection, orderId);
  const provider = needs.connections.providerOf(connection);
  if (provider.capabilities.cancel.evidence === 'absent') throw new NotSupportedByProvider();

  // No access token can have a name with a colon, so no HTTP caller's keys are among these.
  const sender = `trigger:${trigger}`;
  const order = `${connection}:${orderId}`;
  // Nobody chose a delivery's identity as a key: several orders may share it, and a command's other fields may change in a redrive.
  const [key, body] =
    idempotencyKey === undefined ? [`delivery ${identity} ${order}`, {}] : [`key ${idempotencyKey}`, said];
  const fingerprint = fingerprintOf({ caller: sender, route: `cancel ${order}`, body });
  return perform(
    {
      connection,
      provider: provider.name,
      orderId,
      kind: 'cancel',
      reason: said.reason ?? null,
      note: said.note ?? null,
      actor: said.actor ?? null,
      trigger,
      idempotency: { key: scopedKey(sender, key), fingerprint },
    },
    needs.operations,
    remainingMs,
  );
}
