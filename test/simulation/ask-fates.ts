import type { ExchangeResult } from '../../functions/providers/http-exchange.ts';
import type { Dice } from './dice.ts';
import {
  FOREIGN_REPLIES,
  type AskFate,
  type AskReply,
  type ConnectionPlan,
  type ForeignReply,
  type Plan,
} from './plan.ts';
import { json, type KeptOrder, type Wire, type WireReply } from './wire.ts';

/** What becomes of an ask, as chance has it, and what a provider says instead of the truth. */

export const lost = (problem: 'connection_cut', code: string): ExchangeResult => ({ kind: 'lost', problem, code });
export const ok = ({ status, headers, body }: WireReply): ExchangeResult => ({ kind: 'reply', status, headers, body });
export const HTML: WireReply = {
  status: 200,
  headers: { 'content-type': 'text/html' },
  body: '<!doctype html><h1>Sign in</h1>',
};

/** Replies that say no: a provider that says so has ended its work on the ask, one way or the other. */
export const SAYS_NO: readonly AskReply[] = ['failure_body', 'false_refusal', 'false_not_found'];
const FAULTY_REPLIES: [AskReply, ...AskReply[]] = [
  'hang',
  'hang',
  'reset',
  'reset',
  'status_500',
  'status_503',
  'html_page',
  'empty',
  'truncated',
  'doubled',
  'other_order',
  'failure_body',
  'false_refusal',
  'false_not_found',
  'status_401',
  'status_429',
  ...FOREIGN_REPLIES,
];

/** From the first byte until the provider has the request. */
export const LONGEST_WAY_MS = 40;

export const SOUND: AskFate = { road: 'arrives', acts: true, actsAfterMs: 80, reply: 'truth', replyAfterMs: 80 };

const page = (status: number): WireReply => ({ ...HTML, status });
const empty = (status: number): WireReply => ({ status, headers: {}, body: '' });
/** What is answered alike to whatever is asked or read. */
export const TO_ALL: Readonly<Record<Exclude<StatusReply, 'status_401'>, WireReply>> = {
  status_429: { status: 429, headers: { 'retry-after': '3' }, body: 'Retry later' },
  status_500: json(500, { status: 500, error: 'Internal Server Error' }),
  status_503: empty(503),
  challenge_page: page(403),
  page_401: page(401),
  page_404: page(404),
  empty_404: empty(404),
  empty_425: empty(425),
  empty_499: empty(499),
  gateway_json: json(403, { message: 'Forbidden' }),
  unknown_json: json(422, { code: 17, detail: 'locked' }),
};

type StatusReply = Extract<AskReply, `status_${string}`> | ForeignReply;

export function statusReply(said: StatusReply, wire: Wire): ExchangeResult {
  return ok(said === 'status_401' ? wire.unauthorized() : TO_ALL[said]);
}

export function saidInstead(said: AskReply, wire: Wire, order: KeptOrder): ExchangeResult | null {
  switch (said) {
    case 'truth':
    case 'truncated':
    case 'doubled':
    case 'hang':
      return null;
    case 'reset':
      return lost('connection_cut', 'ECONNRESET');
    case 'status_401':
    case 'status_429':
    case 'status_500':
    case 'status_503':
    case 'challenge_page':
    case 'page_401':
    case 'page_404':
    case 'empty_404':
    case 'empty_425':
    case 'empty_499':
    case 'gateway_json':
    case 'unknown_json':
      return statusReply(said, wire);
    case 'html_page':
      return ok(HTML);
    case 'empty':
      return ok({ ...HTML, body: '' });
    case 'other_order':
      return ok(wire.ofAnother(order));
    case 'failure_body':
      return ok(wire.failureBody(order));
    case 'false_refusal':
      return ok(json(422, { errors: 'locked', message: 'locked' }));
    case 'false_not_found':
      return ok(wire.notFound());
  }
}

export function fateOf(plan: Plan, connection: ConnectionPlan, chance: Dice, areFaultsOver: boolean): AskFate {
  if (areFaultsOver) return SOUND;
  const { rates } = plan;
  const soonMs = chance.between(20, 400);
  if (chance.chance(rates.refusedConnection)) return { ...SOUND, road: 'refused' };
  if (chance.chance(rates.resetBefore)) return { ...SOUND, road: 'reset_before' };
  // Whatever it does, it does within the quiet period, the way to it included.
  const latestMs = connection.quietPeriodSeconds * 1_000 - LONGEST_WAY_MS;
  const lateMs = chance.chance(0.3) ? latestMs : chance.between(soonMs, latestMs);
  if (!chance.chance(rates.ask)) {
    const actsAfterMs = chance.chance(rates.lateAct / 4) ? lateMs : soonMs;
    return { road: 'arrives', acts: true, actsAfterMs, reply: 'truth', replyAfterMs: actsAfterMs };
  }
  const reply = chance.pick(FAULTY_REPLIES);
  const isLate = chance.chance(rates.lateAct) && !SAYS_NO.includes(reply);
  return {
    road: 'arrives',
    acts: chance.chance(0.6),
    actsAfterMs: isLate ? lateMs : soonMs,
    reply,
    replyAfterMs: chance.chance(0.3) ? chance.between(0, 15_000) : soonMs,
  };
}

export function described({ road, acts, actsAfterMs, reply, replyAfterMs }: AskFate): string {
  if (road !== 'arrives') return road;
  return `${acts ? `acts after ${actsAfterMs} ms` : 'does not act'}, answers ${reply} after ${replyAfterMs} ms`;
}
