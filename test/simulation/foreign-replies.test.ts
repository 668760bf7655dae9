import { describe, expect, it } from '@jest/globals';
import { FOREIGN_REPLIES, PROVIDERS, type AskFate, type Plan } from './plan.ts';
import { callerOf, connectionOf, IN_TIME, orderOf, planWith } from './scenarios.ts';
import { runPlan } from './simulate.ts';

/** What a proxy, CDN, WAF or gateway answers to an ask, in the provider's place, proves nothing. */

const SOON_MS = 1_500;
const foreign = (reply: AskFate['reply'], changes: Partial<AskFate> = {}): AskFate => ({
  road: 'arrives',
  acts: true,
  actsAfterMs: SOON_MS,
  reply,
  replyAfterMs: 50,
  ...changes,
});

async function play(plan: Plan) {
  const { history, violations } = await runPlan(plan);
  const happened = (event: string) => history.facts.filter((fact) => fact.event === event).length;
  const states = history.ledger.map((item) => [item['state']?.S, item['detail']?.S]);
  return { violations, effects: happened('effect'), sent: happened('sent'), states };
}

describe.each(PROVIDERS)('an ask of %s that is answered on the way there', (provider) => {
  const connection = connectionOf(provider);
  const planOf = (...script: AskFate[]) => planWith(connection, orderOf(connection, { script }));
  const kinds = provider === 'estoka' ? (['cancel'] as const) : (['cancel', 'restore', 'delete'] as const);

  it(`and is carried out a moment later, is never called refused (${provider})`, async () => {
    for (const kind of kinds) {
      for (const reply of FOREIGN_REPLIES) {
        for (const actsAfterMs of [10, SOON_MS, IN_TIME]) {
          const atFirst = kind === 'cancel' ? 'active' : 'cancelled';
          const order = orderOf(connection, { atFirst, script: [foreign(reply, { actsAfterMs })] });
          const run = await play(planWith(connection, order, { callers: [callerOf(order, { kind })] }));
          expect([kind, reply, actsAfterMs, run.violations]).toEqual([kind, reply, actsAfterMs, []]);
          expect(run).toMatchObject({ effects: 1, sent: 1 });
          expect(run.states[0]?.[0]).toBe('confirmed');
        }
      }
    }
  });

  it('and is not carried out, is asked again, and done once', async () => {
    for (const reply of FOREIGN_REPLIES) {
      const run = await play(planOf(foreign(reply, { acts: false })));
      expect([reply, run.violations]).toEqual([reply, []]);
      expect(run).toMatchObject({ effects: 1, sent: 2 });
      expect(run.states[0]?.[0]).toBe('confirmed');
    }
  });

  it('each time, is parked with its alarm: after two of a JSON that nobody knows, and after five of what is none', async () => {
    for (const reply of FOREIGN_REPLIES) {
      const run = await play(planOf(...Array.from({ length: 9 }, () => foreign(reply, { acts: false }))));
      expect([reply, run.violations]).toEqual([reply, []]);
      const isUnknown = reply === 'gateway_json' || reply === 'unknown_json';
      expect(run).toMatchObject({ effects: 0, sent: isUnknown ? 2 : 5 });
      expect(run.states).toEqual([['needs_attention', isUnknown ? 'unknown_reply' : 'foreign_reply']]);
    }
  });

  it('for a while, as are all reads, waits for the end of it, and halts the connection no longer', async () => {
    const order = orderOf(connection);
    for (const kind of FOREIGN_REPLIES) {
      const [fromMs, toMs] = [0, 4 * 60_000];
      const episode = { id: 'on the way', connection: connection.name, kind, fromMs, toMs, acts: false };
      const settlers = [1, 2, 3, 4].map((minute) => ({ id: `settler-${minute}`, atMs: minute * 60_000 - 30_000 }));
      const run = await play(planWith(connection, order, { episodes: [episode], settlers, faultsEndAtMs: toMs }));
      expect([kind, run.violations]).toEqual([kind, []]);
      expect(run).toMatchObject({ effects: 1 });
      expect(run.states[0]?.[0]).toBe('confirmed');
    }
  });
});
