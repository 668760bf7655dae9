import * as z from 'zod';
import { operationId, type Operation } from '../rules/operation.ts';

/** A place in a list that is sorted by the time of request, newest first, and for one moment by id. */
export const newestPlaceSchema = z.object({ requestedAt: z.string(), id: z.string() });
export type NewestPlace = z.infer<typeof newestPlaceSchema>;

export interface NewestPage {
  operations: Operation[];
  /** Operations that were passed over because this version of the code cannot read them. */
  unreadable: string[];
  /** Null at the end. */
  nextCursor: NewestPlace | null;
}

/** Keeps the newest operations behind a place, however many are added. */
export class Newest {
  readonly #limit: number;
  readonly #after: NewestPlace | null;
  #kept: { place: NewestPlace; operation: Operation }[] = [];

  constructor(limit: number, after: NewestPlace | null) {
    this.#limit = limit;
    this.#after = after;
  }

  add(operations: readonly Operation[]): void {
    const found = operations.map((operation) => ({ place: placeOf(operation), operation }));
    const behind = found.filter(({ place }) => this.#after === null || compare(this.#after, place) < 0);
    // One more than a page holds tells that there is a next one.
    this.#kept = [...this.#kept, ...behind].sort((a, b) => compare(a.place, b.place)).slice(0, this.#limit + 1);
  }

  page(unreadable: string[]): NewestPage {
    const shown = this.#kept.slice(0, this.#limit);
    const nextCursor = this.#kept.length > shown.length ? (shown.at(-1)?.place ?? null) : null;
    return { operations: shown.map(({ operation }) => operation), unreadable, nextCursor };
  }
}

function placeOf(operation: Operation): NewestPlace {
  return { requestedAt: operation.requestedAt, id: operationId(operation) };
}

/** Negative where `a` comes before `b` in the list. */
function compare(a: NewestPlace, b: NewestPlace): number {
  if (a.requestedAt !== b.requestedAt) return a.requestedAt > b.requestedAt ? -1 : 1;
  return a.id === b.id ? 0 : a.id > b.id ? -1 : 1;
}
