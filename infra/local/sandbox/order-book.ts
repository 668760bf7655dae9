import { BEHAVIOURS, isBehaviour } from './behaviours.ts';
import type { Journal, SandboxEvent } from './journal.ts';

/** `closed`: too far along to be cancelled. */
export type InitialState = 'active' | 'cancelled' | 'closed';

/** A deed that is planned for later. */
export type Planned = 'cancelled' | 'restored' | 'deleted' | 'rejected';

/** Everything that has happened to one order, in any dialect. */
export interface BookedOrder {
  readonly id: string;
  readonly initially: InitialState;
  behaviour: string | null;
  /** Asks since the behaviour was set. */
  asksOfBehaviour: number;
  /** The credential of the first ask since the behaviour was set. */
  firstCredential: string | null;
  state: InitialState | 'deciding' | 'deleted';
  /** How often the order really was cancelled, restored or deleted. */
  effects: number;
  /** How many changing requests arrived for the order. */
  calls: number;
  planned: { then: Planned; at: number }[];
  /** When the order was paid here; null if its payment is as it was at first. */
  paidAt: number | null;
  /** The rows of the order's history. Their numbers grow over the whole book. */
  history: { number: number; event: 'cancelled' | 'deciding' | 'rejected'; at: number }[];
}

export interface OrderBook {
  /** Returns the credential that the provider accepts. */
  credential(): string;
  all(): readonly BookedOrder[];
  find(id: string): BookedOrder | null;
  /** Writes the event to the journal, then applies it. */
  record(event: SandboxEvent): void;
}

/** Opens the orders of one sandbox, in the state that its journal left. */
export function openOrderBook(needs: {
  orders: readonly { id: string; initially: InitialState }[];
  credential: string;
  journal: Journal;
}): OrderBook {
  const orders = new Map(needs.orders.map((order) => [order.id, newOrder(order.id, order.initially)]));
  let { credential } = needs;
  let historyRows = 0;

  const apply = (event: SandboxEvent) => {
    if (event.event === 'credential_changed') {
      credential = event.credential;
      return;
    }
    const order = orders.get(event.orderId);
    if (order === undefined) return;
    if (event.event === 'cancelled' || event.event === 'deciding' || event.event === 'rejected') {
      historyRows += 1;
      order.history.push({ number: historyRows, event: event.event, at: event.at });
    }
    applyTo(order, event);
  };
  needs.journal.earlier.forEach(apply);

  return {
    credential: () => credential,
    all: () => [...orders.values()],
    find: (id) => orders.get(id) ?? null,
    record: (event) => {
      needs.journal.append(event);
      apply(event);
    },
  };
}

function newOrder(id: string, initially: InitialState): BookedOrder {
  const behaviour = BEHAVIOURS.find(({ orderId }) => orderId === id)?.behaviour ?? null;
  return {
    id,
    initially,
    behaviour,
    asksOfBehaviour: 0,
    firstCredential: null,
    state: initially,
    effects: 0,
    calls: 0,
    planned: [],
    paidAt: null,
    history: [],
  };
}

function applyTo(order: BookedOrder, event: Exclude<SandboxEvent, { event: 'credential_changed' }>): void {
  switch (event.event) {
    case 'asked':
      order.calls += 1;
      order.asksOfBehaviour += 1;
      order.firstCredential ??= event.credential;
      return;
    case 'cancelled':
    case 'restored':
    case 'deleted':
      order.state = event.event === 'restored' ? 'active' : event.event;
      order.effects += 1;
      order.planned = order.planned.filter(({ then, at }) => then !== event.event || at > event.at);
      return;
    case 'deciding':
      order.state = 'deciding';
      return;
    case 'rejected':
      if (order.state === 'deciding') order.state = order.initially;
      order.planned = order.planned.filter(({ then, at }) => then !== 'rejected' || at > event.at);
      return;
    case 'paid':
      order.paidAt = event.at;
      return;
    case 'planned':
      order.planned.push({ then: event.then, at: event.at });
      return;
    case 'behaviour_set':
      order.behaviour = event.behaviour !== null && isBehaviour(event.behaviour) ? event.behaviour : null;
      order.asksOfBehaviour = 0;
      order.firstCredential = null;
      return;
  }
}
