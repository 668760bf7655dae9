import * as z from 'zod';
import type { OperationKind } from '../operations/rules/operation.ts';
import type { Connections } from '../providers/connections.ts';
import { admitTo } from './caller.ts';
import { NotSupportedByProvider } from '../operations/errors.ts';
import { parseInput } from './input.ts';
import type { ApiRequest } from './request.ts';

/** What the routes that ask for a change of one order have in common. */
export const orderPath = z.object({ connection: z.string(), orderId: z.string() });
/** Reads the order and says what would be done, and does nothing. */
export const dryRunField = z.boolean().default(false);

/**
 * The order that a request's path names, which its caller may touch and its provider can change in this way. Throws `InvalidInput`,
 * `AccessDenied`, `UnknownConnection`, `InvalidOrderId` and `NotSupportedByProvider`.
 */
export function askedOrder<Kind extends OperationKind>(
  { params, caller }: ApiRequest,
  kind: Kind,
  connections: Pick<Connections, 'providerOf' | 'checkOrderId'>,
): { connection: string; orderId: string; kind: Kind; provider: string } {
  const { connection, orderId } = parseInput(orderPath, params, 'path');
  admitTo(connection, caller);
  connections.checkOrderId(connection, orderId);
  const provider = connections.providerOf(connection);
  if (provider.capabilities[kind].evidence === 'absent') throw new NotSupportedByProvider();
  return { connection, orderId, kind, provider: provider.name };
}
