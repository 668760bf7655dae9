import * as z from 'zod';
import { listCursorSchema } from '../operations/ledger/by-day.ts';
import type { OperationFilters } from '../operations/ledger/filters.ts';
import type { Ledger } from '../operations/ledger/ledger.ts';
import { newestPlaceSchema } from '../operations/ledger/newest.ts';
import type { Operation } from '../operations/rules/operation.ts';

export interface OperationsQuery {
  readonly filters: OperationFilters;
  /** Only operations of this order, at whichever connection. */
  readonly orderId?: string | undefined;
  /** All wanted outcomes are open ones. */
  readonly isOpenOnly: boolean;
  /** The connections that the caller may see; null: all, those that are not declared any more included. */
  readonly connections: readonly string[] | null;
  /** RFC 3339 UTC with milliseconds, both inclusive. Required, unless an order or only open operations are asked for. */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

/** Where a list goes on: each way of reading has places of its own. */
export const operationsPlaceSchema = z.union([listCursorSchema, newestPlaceSchema]);
export type OperationsPlace = z.infer<typeof operationsPlaceSchema>;

export interface OperationsPage {
  readonly operations: readonly Operation[];
  /** Operations that were passed over because this version of the code cannot read them. */
  readonly unreadable: readonly string[];
  readonly nextCursor: OperationsPlace | null;
}

/** Thrown if a list cannot go on from a place, because the place belongs to a list that is read another way. */
export class PlaceNotOfList extends Error {
  override readonly name = 'PlaceNotOfList';
}

/**
 * Reads a page of operations, newest first, the cheapest way: by the order's key, out of the index of open operations, or day by day.
 * `names`: the connections that are declared. Throws {@link PlaceNotOfList}.
 */
export async function readOperations(
  query: OperationsQuery,
  { limit, after }: { limit: number; after: OperationsPlace | null },
  { ledger, names }: { ledger: Pick<Ledger, 'list' | 'listOpen' | 'listOfOrderId'>; names: () => readonly string[] },
): Promise<OperationsPage> {
  const { filters, orderId, isOpenOnly, connections, from, to } = query;
  const named = () => ({ ...filters, from, to, limit, connections: connections ?? names() });
  if (orderId !== undefined)
    return ledger.listOfOrderId({ ...named(), orderId, after: placeIn(newestPlaceSchema, after) });
  if (isOpenOnly) return ledger.listOpen({ ...named(), after: placeIn(newestPlaceSchema, after) });
  if (from === undefined || to === undefined) throw new PlaceNotOfList();
  const cursor = placeIn(listCursorSchema, after) ?? undefined;
  try {
    return await ledger.list({ ...filters, from, to, limit, connections: connections ?? undefined, cursor });
  } catch (error) {
    // DynamoDB itself refuses to go on from a place that is not of its index, as after a restored table.
    const isRefused = error instanceof Error && error.name === 'ValidationException';
    throw after !== null && isRefused ? new PlaceNotOfList() : error;
  }
}

/** Returns the place, or null at the beginning of a list. Throws {@link PlaceNotOfList} if it is of another kind of list. */
function placeIn<Place>(schema: z.ZodType<Place>, after: OperationsPlace | null): Place | null {
  if (after === null) return null;
  const parsed = schema.safeParse(after);
  if (!parsed.success) throw new PlaceNotOfList();
  return parsed.data;
}
