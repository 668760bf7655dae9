import * as z from 'zod';
import type { OperationKind } from '../operations/rules/operation.ts';
import type { Connections } from '../providers/connections.ts';
import { admitTo } from './caller.ts';
import { NotSupportedByProvider } from '../operations/errors.ts';
import { parseInput } from './input.ts';
import type { ApiRequest } from './request.ts';

/** The path of the routes that ask for a change of one order. */
export const orderPath = z.object({ connection: z.string(), orderId: z.string() });
/** A dry run reads the order and says what an ask would do. It changes nothing. */
export const dryRunField = z.boolean().default(false);

/**
 * Returns the order that a request's path names. Its caller may touch it, and its provider can change it in this way; otherwise throws
 * `InvalidInput`, `AccessDenied`, `UnknownConnection`, `InvalidOrderId` or `NotSupportedByProvider`.
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
