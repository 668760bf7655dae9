import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { BookedOrder, InitialState, OrderBook, Planned } from './order-book.ts';

export interface SandboxRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export type AskKind = 'cancel' | 'restore' | 'delete';

interface Ask {
  readonly kind: AskKind;
  readonly orderId: string;
}

/** How one provider speaks. The sandbox decides what happens; the dialect only puts it on the wire. */
export interface Dialect {
  readonly provider: 'estoka' | 'ngorder';
  /** The orders that stand in the book at first. */
  readonly orders: readonly { readonly id: string; readonly initially: InitialState }[];
  /** The credential that a request presents, '' where there is none of the provider's form. */
  credentialOf(request: SandboxRequest): string;
  /** What the request asks to change, or null where it changes nothing. */
  askOf(request: SandboxRequest): Ask | null;
  /** Answers whatever changes nothing. */
  read(request: SandboxRequest, book: OrderBook): Answer;
  readonly unauthorized: Answer;
  readonly notFound: Answer;
  /** Why the order as it stands cannot be what is asked; null where it can. */
  refusalOf(order: BookedOrder, kind: AskKind): Answer | null;
  readonly refused: Answer;
  /** HTTP 200 with a body that says that it failed. */
  readonly failureBody: Answer;
  /** The answer to an ask that was taken, as the order now stands. */
  taken(order: BookedOrder, kind: AskKind): Answer;
  /** The answer to an ask of another order that was taken. */
  takenOfAnother(order: BookedOrder): Answer;
  /** What the provider tells by webhook when it did something late; null where it tells nothing. */
  toldLate(orderId: string, then: Planned): object | null;
}

export function json(status: number, body: unknown): Answer {
  return own(status, JSON.stringify(body));
}

export function empty(status: number): Answer {
  return own(status, '');
}

/** As an application answers: what stands before it sets neither header. */
function own(status: number, body: string): Answer {
  return {
    status,
    headers: { 'content-type': 'application/json; charset=utf-8', 'x-request-id': randomUUID() },
    body,
  };
}
