import type { ExchangeResult, Outgoing } from '../../functions/providers/http-exchange.ts';
import { described, fateOf, HTML, LONGEST_WAY_MS, ok, saidInstead, SAYS_NO, SOUND, statusReply } from './ask-fates.ts';
import { dice, placeOf, type Dice } from './dice.ts';
import type { Fact } from './history.ts';
import { FOREIGN_REPLIES, type AskFate, type Episode, type Kind, type OrderPlan, type Plan } from './plan.ts';
import type { VirtualTime } from './virtual-time.ts';
import { accountOf, credentialOf, STANDING_AFTER, type Account } from './accounts.ts';
import { WIRES, type KeptOrder, type WireReply } from './wire.ts';

/** A provider's end of a connection, as it truly acts. */
export interface SimulatedProviders {
  /** What becomes of a changing request, settled when it sets out; null for a read. */
  askOf(connection: string, outgoing: Outgoing): Ask | null;
  /** A request has arrived. `reply` is called once, with what comes back, or never. */
  receive(
    connection: string,
    outgoing: Outgoing,
    ask: Ask | null,
    chance: Dice,
    reply: (result: ExchangeResult) => void,
  ): void;
  /** Whether nobody listens there now. */
  isDown(connection: string): boolean;
  /** The credential that is stored for a connection now. */
  storedCredential(connection: string): string;
  /** Asks that will still act, or be decided. */
  pendingActs(): number;
  /** The faults are over, and an operator stores a new credential wherever one was rejected since. */
  recover(): void;
  order(key: string): KeptOrder | undefined;
}

export interface Ask {
  readonly id: string;
  readonly order: string;
  readonly kind: Kind;
  readonly fate: AskFate;
  /** The operation on behalf of which it is made, as the ledger has it. */
  operation: string | null;
}

export function createProviders(
  plan: Plan,
  time: VirtualTime,
  happened: (fact: Fact) => void,
  struck: (id: string, what: string) => boolean,
): SimulatedProviders {
  const startAt = time.now();
  const accounts = new Map<string, Account>(
    plan.connections.map((connection) => [connection.name, accountOf(connection, plan)]),
  );
  const orderPlans = new Map(plan.orders.map((order) => [`${order.connection}:${order.orderId}`, order]));
  const asks = new Map<string, number>();
  let pending = 0;
  let rows = 500;
  let credentials = 2;
  let areFaultsOver = false;

  const elapsed = () => time.now() - startAt;
  const later = (ms: number, run: () => void): void => {
    pending += 1;
    time.after(ms, () => {
      pending -= 1;
      run();
    });
  };
  const accountOfName = (name: string): Account => {
    const account = accounts.get(name);
    if (account === undefined) throw new Error(`There is no connection ${name} in the plan.`);
    return account;
  };
  const episode = <Said extends Episode['kind']>(connection: string, ...kinds: Said[]) => {
    const found = plan.episodes.find(
      ({ id, connection: name, kind, fromMs, toMs }) =>
        name === connection &&
        kinds.some((wanted) => wanted === kind) &&
        fromMs <= elapsed() &&
        elapsed() < toMs &&
        struck(id, 'an episode'),
    );
    const said = kinds.find((wanted) => wanted === found?.kind);
    return found === undefined || said === undefined ? undefined : { said, acts: found.acts };
  };

  for (const order of plan.orders) {
    if (order.cancelledByHandAtMs === null) continue;
    time.after(order.cancelledByHandAtMs, () => {
      const kept = accountOfName(order.connection).orders.get(order.orderId);
      if (kept?.standing !== 'active' || !struck(`by hand: ${order.orderId}`, 'somebody else cancels')) return;
      kept.standing = 'cancelled';
      happened({ at: time.now(), event: 'by_hand', order: `${order.connection}:${order.orderId}`, kind: 'cancel' });
    });
  }
  for (const { connection, orderId, hasPast } of plan.orders) {
    const kept = accountOfName(connection).orders.get(orderId);
    if (hasPast) kept?.rows.push({ id: (rows += 1), status: 'rejected_cancel', at: startAt - 24 * 3_600_000 });
  }
  for (const order of plan.orders) {
    if (order.rejectedByHandAtMs === null) continue;
    time.after(order.rejectedByHandAtMs, () => {
      const kept = accountOfName(order.connection).orders.get(order.orderId);
      if (
        kept?.standing !== 'active' ||
        kept.undecided > 0 ||
        !struck(`rejected by hand: ${order.orderId}`, 'somebody else is refused')
      )
        return;
      addRow(kept, 'rejected_cancel');
      happened({ at: time.now(), event: 'by_hand', order: `${order.connection}:${order.orderId}`, kind: 'refusal' });
    });
  }
  for (const { kind, connection, fromMs, toMs, id } of plan.episodes) {
    if (kind !== 'rotation') continue;
    time.after(fromMs, () => {
      if (struck(id, 'the credential is rotated')) accountOfName(connection).accepted = credentialOf(connection, 2);
    });
    time.after(toMs, () => {
      const account = accountOfName(connection);
      if (account.accepted === credentialOf(connection, 2)) account.stored = account.accepted;
    });
  }

  const fact = (ask: Ask) => ({ at: time.now(), order: ask.order, operation: ask.operation, ask: ask.id });
  const refuse = (ask: Ask, why: string): void => {
    happened({ ...fact(ask), event: 'refusal', why });
  };
  const addRow = (order: KeptOrder, status: KeptOrder['rows'][number]['status']): void => {
    order.rows.push({ id: (rows += 1), status, at: time.now() + order.clockOffMs });
  };
  const act = (order: KeptOrder, ask: Ask): void => {
    const moves = order.standing !== STANDING_AFTER[ask.kind] && ask.kind !== 'delete';
    order.standing = STANDING_AFTER[ask.kind];
    const { movesForMs } = orderPlans.get(ask.order) ?? { movesForMs: 0 };
    // Who says no after acting, and hides the order as well, cannot be found out: the README says so.
    if (moves && movesForMs > 0 && !SAYS_NO.includes(ask.fate.reply)) {
      order.isMoving = true;
      time.after(movesForMs, () => {
        order.isMoving = false;
      });
    }
    if (ask.kind === 'cancel') addRow(order, 'completed_cancel');
    happened({ ...fact(ask), event: 'effect', kind: ask.kind });
  };

  /** The provider works on an ask, and says truly what came of it. */
  const work = (account: Account, order: KeptOrder, ask: Ask, orderPlan: OrderPlan): WireReply => {
    const wire = WIRES[account.plan.provider];
    if (order.standing === 'missing') {
      refuse(ask, 'no such order');
      return wire.notFound();
    }
    if (ask.kind === 'delete' && order.standing === 'active') {
      refuse(ask, 'it is active');
      return wire.refused(order, 'in_reply', 'only cancelled orders');
    }
    if (order.standing === STANDING_AFTER[ask.kind] && orderPlan.whenDone !== 'acts_again') {
      if (orderPlan.whenDone === 'says_done') return wire.done(order);
      refuse(ask, 'it is so already');
      return wire.refused(order, 'in_reply', 'already done');
    }
    const number = Number(ask.id.split('#')[1]);
    switch (number >= orderPlan.relentsAtAsk ? 'cancels' : orderPlan.disposition) {
      case 'cancels':
        act(order, ask);
        return wire.done(order);
      case 'refuses':
        refuse(ask, 'it may not be cancelled any more');
        if (orderPlan.shows === 'in_history') addRow(order, 'rejected_cancel');
        return wire.refused(order, orderPlan.shows, 'may not be cancelled any more');
      case 'decides_yes':
      case 'decides_no':
      case 'never_decides':
        decideLater(account, order, ask, orderPlan);
        return wire.accepted(order);
    }
  };
  const decideLater = (
    account: Account,
    order: KeptOrder,
    ask: Ask,
    { shows, disposition, decidesAfterMs }: OrderPlan,
  ): void => {
    // Two parties' asks within what clocks differ by cannot be told apart, were the second taken without a trace.
    const isTold = shows === 'in_history' || order.rows.some(({ at }) => at > time.now() - 30_000);
    if (isTold) addRow(order, 'pending_cancel');
    order.undecided += 1;
    if (disposition === 'never_decides') return;
    // What leaves no trace must be done within the quiet period: nobody could know of it.
    const left = account.plan.quietPeriodSeconds * 1_000 - LONGEST_WAY_MS - ask.fate.actsAfterMs;
    later(isTold ? decidesAfterMs : Math.max(0, Math.min(decidesAfterMs, left)), () => {
      order.undecided -= 1;
      if (disposition === 'decides_yes') act(order, ask);
      else {
        addRow(order, 'rejected_cancel');
        refuse(ask, 'decided against');
      }
    });
  };

  const receiveAsk = (
    account: Account,
    outgoing: Outgoing,
    ask: Ask,
    reply: (result: ExchangeResult) => void,
  ): void => {
    const { name, provider } = account.plan;
    const wire = WIRES[provider];
    const orderPlan = orderPlans.get(ask.order);
    const order = account.orders.get(ask.order.slice(name.length + 1));
    if (order === undefined || orderPlan === undefined)
      throw new Error(`An ask of ${ask.order}, which is not in the plan.`);
    happened({ ...fact(ask), event: 'received' });

    const limiting = areFaultsOver ? undefined : episode(name, 'status_429', 'status_503', ...FOREIGN_REPLIES);
    const rejecting = areFaultsOver ? undefined : episode(name, 'status_401');
    const isRejected = rejecting !== undefined || !outgoing.headers['authorization']?.endsWith(account.accepted);
    account.hasRejected ||= isRejected || ask.fate.reply === 'status_401';
    const { acts, actsAfterMs, replyAfterMs } = ask.fate;
    const forced = isRejected ? 'status_401' : (limiting?.said ?? null);
    const isActing = forced === null ? acts : acts && ((isRejected ? rejecting : limiting)?.acts ?? false);
    const lies = ask.fate.reply;
    const isDecided = orderPlan.disposition.includes('decides');
    const said = forced ?? (isDecided && SAYS_NO.includes(lies) ? 'status_500' : lies);

    if (isActing) {
      later(actsAfterMs, () => {
        const truth = work(account, order, ask, orderPlan);
        if (said === 'truth') reply(ok(truth));
        else if (said === 'truncated') reply(ok({ ...truth, body: truth.body.slice(0, truth.body.length / 2) }));
        else if (said === 'doubled') reply(ok({ ...truth, body: truth.body + truth.body }));
      });
    } else if (SAYS_NO.includes(said)) refuse(ask, 'it said so');
    const answer = saidInstead(said, wire, order);
    if (answer !== null) {
      time.after(Math.max(replyAfterMs, SAYS_NO.includes(said) && isActing ? actsAfterMs + 1 : 0), () => {
        reply(answer);
      });
    } else if (!isActing && (said === 'truncated' || said === 'doubled'))
      time.after(replyAfterMs, () => {
        reply(ok(HTML));
      });
  };

  return {
    askOf(connection, outgoing) {
      const account = accountOfName(connection);
      const asked = WIRES[account.plan.provider].askOf(outgoing.method, outgoing.url, outgoing.body);
      if (asked === null) return null;
      const order = `${connection}:${asked.orderId}`;
      const number = (asks.get(order) ?? 0) + 1;
      asks.set(order, number);
      const id = `${order}#${number}`;
      const orderPlan = orderPlans.get(order);
      const fate =
        orderPlan?.script?.[number - 1] ?? fateOf(plan, account.plan, dice(plan.seed, placeOf(id)), areFaultsOver);
      const isSound = fate.road === 'arrives' && fate.reply === 'truth' && fate.actsAfterMs < 1_000;
      const isStruck = isSound || struck(`ask ${id}`, described(fate));
      return { id, order, kind: asked.kind, operation: null, fate: isStruck ? fate : SOUND };
    },
    receive(connection, outgoing, ask, chance, reply) {
      const account = accountOfName(connection);
      if (ask !== null) receiveAsk(account, outgoing, ask, reply);
      else {
        const wire = WIRES[account.plan.provider];
        const ill = areFaultsOver ? undefined : episode(connection, 'status_503', ...FOREIGN_REPLIES);
        const isLimited = !areFaultsOver && episode(connection, 'status_429') !== undefined;
        const isRejected =
          (!areFaultsOver && episode(connection, 'status_401') !== undefined) ||
          !outgoing.headers['authorization']?.endsWith(account.accepted);
        account.hasRejected ||= ill === undefined && isRejected;
        const said = ill?.said ?? (isRejected ? 'status_401' : isLimited ? 'status_429' : null);
        time.after(chance.between(5, 60), () => {
          reply(said === null ? ok(wire.read(outgoing.url, account.orders)) : statusReply(said, wire));
        });
      }
    },
    isDown: (connection) => !areFaultsOver && episode(connection, 'down') !== undefined,
    storedCredential: (connection) => accountOfName(connection).stored,
    pendingActs: () => pending,
    recover() {
      areFaultsOver = true;
      if (plan.isUnattended) return;
      for (const account of accounts.values()) {
        if (account.hasRejected) account.accepted = credentialOf(account.plan.name, (credentials += 1));
        account.hasRejected = false;
        account.stored = account.accepted;
      }
    },
    order(key) {
      const [connection = '', orderId = ''] = key.split(':');
      return accounts.get(connection)?.orders.get(orderId);
    },
  };
}
