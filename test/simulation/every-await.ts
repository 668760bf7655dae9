import type { AskFate, AskReply, Kind, OrderPlan, Plan, ProviderName, WayIn } from './plan.ts';
import { connectionOf, callerOf, orderOf, planWith, QUIET_SECONDS } from './scenarios.ts';
import { tallyOf } from './history.ts';
import { report } from './shrink.ts';
import { runPlan } from './simulate.ts';

/**
 * The scenarios of the conformance matrix (test/providers/conformance.ts), each with a function killed at each place where it
 * waits for the outside: before the request leaves, and after it took effect but before the answer is seen. Then the settler runs on.
 */
const REPLIES: readonly (readonly [string, AskReply])[] = [
  ['ok', 'truth'],
  ['401', 'status_401'],
  ['429', 'status_429'],
  ['5xx', 'status_503'],
  ['200 with a failure body', 'failure_body'],
  ['an HTML page with 200', 'html_page'],
  ['truncated JSON', 'truncated'],
  ['a wrong order id', 'other_order'],
  ['a refusal that is not true', 'false_refusal'],
  ['not found, which is not true', 'false_not_found'],
  ['reset after sending', 'reset'],
  ['hang', 'hang'],
  ["a firewall's page with 403", 'challenge_page'],
  ["a gateway's JSON with 403", 'gateway_json'],
];

export interface Scenario {
  readonly name: string;
  readonly order: Partial<OrderPlan>;
}

const fate = (changes: Partial<AskFate>): readonly AskFate[] => [
  { road: 'arrives', acts: true, actsAfterMs: 50, reply: 'truth', replyAfterMs: 50, ...changes },
];
const late = (QUIET_SECONDS - 1) * 1_000;

const SCENARIOS: readonly Scenario[] = [
  ...REPLIES.flatMap(([name, reply]) => [
    { name: `it acts, and the answer is: ${name}`, order: { script: fate({ reply }) } },
    ...(reply === 'truth'
      ? []
      : [{ name: `it does not act, and the answer is: ${name}`, order: { script: fate({ reply, acts: false }) } }]),
  ]),
  ...(['reset', 'hang', 'status_503', 'html_page', 'empty_499'] as const).map((reply) => ({
    name: `it acts at the end of the quiet period, and the answer is: ${reply}`,
    order: { script: fate({ reply, actsAfterMs: late }) },
  })),
  { name: 'it is so already', order: { atFirst: 'cancelled', whenDone: 'refuses' } },
  { name: 'it refuses, in the reply', order: { disposition: 'refuses', shows: 'in_reply' } },
  { name: 'it refuses, in the history', order: { disposition: 'refuses', shows: 'in_history' } },
  { name: 'it has no such order', order: { atFirst: 'missing' } },
  { name: 'nobody listens', order: { script: fate({ road: 'refused' }) } },
  { name: 'it is reset before sending', order: { script: fate({ road: 'reset_before' }) } },
];
/** Of Estoka alone. */
const DECIDING: readonly Scenario[] = [
  {
    name: 'it decides later: yes',
    order: { disposition: 'decides_yes', shows: 'in_history', decidesAfterMs: 600_000 },
  },
  { name: 'it decides later: no', order: { disposition: 'decides_no', shows: 'in_history', decidesAfterMs: 600_000 } },
];

export function scenariosOf(provider: ProviderName): readonly Scenario[] {
  return provider === 'estoka' ? [...SCENARIOS, ...DECIDING] : SCENARIOS;
}

export type Case = readonly [ProviderName, Kind, WayIn];
export const CASES: readonly Case[] = [
  ['estoka', 'cancel', 'http'],
  ['estoka', 'cancel', 'shop'],
  ['ngorder', 'cancel', 'http'],
  ['ngorder', 'restore', 'http'],
  ['ngorder', 'delete', 'http'],
];

/**
 * Kills a function at whichever await of the scenario, one run for each. Answers at how many places it died; throws with a history where
 * a run breaks a promise.
 */
export async function killAtEveryAwait(
  [provider, kind, wayIn]: Case,
  { name, order: changes }: Scenario,
): Promise<{ places: number; touches: number }> {
  const connection = connectionOf(provider);
  const order = orderOf(connection, { ...(kind === 'cancel' ? {} : { atFirst: 'cancelled' }), ...changes });
  // The caller comes back, without its first answer, while the settler is at work.
  const asking = callerOf(order, { kind, wayIn, redeliveries: 1, pauseMs: 45_000, repeatsAnyway: true });
  // Estoka tells of the order meanwhile, be it true or not.
  const hint = callerOf(order, { id: 'hint-1', wayIn: 'hint', key: null, atMs: 20_000 });
  const callers = provider === 'estoka' ? [asking, hint] : [asking];
  const plan: Plan = planWith(connection, order, { callers, faultsEndAtMs: 30_000 });
  const whole = await runPlan(plan);
  if (whole.violations.length > 0) throw new Error(await report(whole, name));
  let places = 0;
  for (let touch = 0; touch < whole.touches; touch += 1) {
    for (const when of ['before', 'after'] as const) {
      const run = await runPlan({ ...plan, kill: { touch, when } });
      if (run.violations.length > 0) throw new Error(await report(run, `${name}, killed ${when} touch ${touch},`));
      // A read that is still under way when its function has answered can kill nobody.
      places += tallyOf(run.history).deaths;
    }
  }
  return { places, touches: whole.touches };
}
