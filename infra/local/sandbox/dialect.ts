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

/** One provider's wire format. The sandbox decides what happens; the dialect only writes it. */
export interface Dialect {
  readonly provider: 'estoka' | 'ngorder';
  /** The orders that are in the book at first. */
  readonly orders: readonly { readonly id: string; readonly initially: InitialState }[];
  /** Returns the credential that a request presents; '' if it has none in the provider's form. */
  credentialOf(request: SandboxRequest): string;
  /** Returns the change that the request asks for; null if it changes nothing. */
  askOf(request: SandboxRequest): Ask | null;
  /** Answers a request that changes nothing. */
  read(request: SandboxRequest, book: OrderBook): Answer;
  readonly unauthorized: Answer;
  readonly notFound: Answer;
  /** Returns the refusal of an ask that the order's state does not allow; null if it allows it. */
  refusalOf(order: BookedOrder, kind: AskKind): Answer | null;
  readonly refused: Answer;
  /** HTTP 200 with a body that says that it failed. */
  readonly failureBody: Answer;
  /** Returns the answer to an ask that was taken, with the order's current state. */
  taken(order: BookedOrder, kind: AskKind): Answer;
  /** Returns such an answer about another order than the asked one. */
  takenOfAnother(order: BookedOrder): Answer;
  /** Returns the webhook message about a late deed; null if the provider sends none. */
  toldLate(orderId: string, then: Planned): object | null;
}

export function json(status: number, body: unknown): Answer {
  return own(status, JSON.stringify(body));
}

export function empty(status: number): Answer {
  return own(status, '');
}

/** An answer of the application itself: proxies before it set neither header. */
function own(status: number, body: string): Answer {
  return {
    status,
    headers: { 'content-type': 'application/json; charset=utf-8', 'x-request-id': randomUUID() },
    body,
  };
}

/** Undefined for what is not JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
