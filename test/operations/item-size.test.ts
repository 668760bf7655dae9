import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { isOpen } from '../../functions/operations/rules/operation.ts';
import { perform } from '../../functions/operations/perform.ts';
import { settle } from '../../functions/operations/settle.ts';
import { listedSnapshot } from '../../functions/operations/rules/snapshot.ts';
import type { CancelReply, ListedOrder, LookUpReply } from '../../functions/providers/provider.ts';
import type { CallFailure } from '../../functions/providers/call-failure.ts';
import { startDynamoDB, type TestDynamoDB } from '../support/dynamodb.ts';
import { LARGEST_ITEM, weighingClient } from '../support/item-bytes.ts';
import { cancelCommand, facts, shownOrder, timeLeft, world } from './world.ts';

let dynamodb: TestDynamoDB;
beforeAll(async () => {
  dynamodb = await startDynamoDB();
});
afterAll(() => dynamodb.stop());

/** Texts as long as a provider likes, of characters of one to four bytes. */
const textOf = (...lengths: number[]) =>
  fc
    .tuple(
      fc.constantFrom('x', 'é', '漢', '😀', '\ud800', '"', 'a@b.co ', '\u0000'),
      fc.constantFrom(0, 1, 60, 100, 500, ...lengths),
    )
    .map(([unit, count]) => unit.repeat(count));
const text = textOf(20_000);
const number = fc.oneof(fc.double(), fc.constantFrom(null, 0.1, -1e300, 5e-324, 2 ** 53 - 1));
const itemWith = (words: fc.Arbitrary<string>) =>
  fc.record({ sku: fc.option(words), name: fc.option(words), quantity: number, unitPrice: number });
/** A few items with texts of any length, or hundreds with long ones: searching megabytes for personal data takes many seconds. */
const items = fc.oneof(
  { weight: 1, arbitrary: fc.array(itemWith(text), { maxLength: 3 }) },
  {
    weight: 3,
    arbitrary: fc
      .tuple(itemWith(textOf()), itemWith(textOf()), fc.nat(400))
      .map(([one, other, count]) => Array.from({ length: count }, (_, at) => (at % 9 === 0 ? other : one))),
  },
);
const listed = fc
  .record({
    number: fc.option(text),
    orderedAt: fc.option(text),
    createdAt: fc.option(text),
    updatedAt: fc.option(text),
    paymentStatus: fc.option(text),
    total: fc.option(fc.record({ amount: fc.double(), currency: text })),
    items: fc.option(items),
  })
  .map((changes): ListedOrder => ({ order: shownOrder(changes), customer: null, version: 'v', restoreWarnings: [] }));
const historyMark = fc.option(text);
const failure: fc.Arbitrary<CallFailure> = fc.oneof(
  fc.constant({ kind: 'credential_rejected' as const }),
  fc.constant({ kind: 'rate_limited' as const, retryAfterMs: 1 }),
  fc.constant({ kind: 'not_sent' as const, problem: 'provider_unreachable' as const }),
  fc.record({
    kind: fc.constant('lost' as const),
    problem: fc.constantFrom(
      'timed_out',
      'connection_cut',
      'provider_error',
      'unknown_reply',
      'stale_reply',
      'look_up_too_large',
    ),
    status: fc.nat(999),
  }),
);
const reply: fc.Arbitrary<CancelReply> = fc.oneof(
  { weight: 8, arbitrary: failure },
  fc.record({ kind: fc.constant('cancelled' as const), status: text, listed: fc.option(listed) }),
  fc.record({ kind: fc.constant('accepted' as const), status: text, historyMark }),
  fc.record({ kind: fc.constantFrom('refused' as const, 'order_not_found' as const), words: text }),
);
const order = fc
  .record({ status: text, listed: fc.option(listed) })
  .map((shown) => ({ ...facts(shown.status), listed: shown.listed }));
const seen: fc.Arbitrary<LookUpReply> = fc.oneof(
  { weight: 6, arbitrary: failure },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('not_cancelled' as const),
      order,
      refusal: fc.option(text, { freq: 1 }),
      historyMark,
    }),
  },
  fc.record({ kind: fc.constantFrom('cancelled' as const, 'deciding' as const, 'closed' as const), order }),
  fc.constantFrom({ kind: 'nowhere' as const }, { kind: 'order_not_found' as const }),
);

describe('no item of an operation is larger than a tenth of what DynamoDB takes, and each step is written,', () => {
  it('whatever the provider answers and however long it lives', async () => {
    const { client, sizes } = weighingClient(dynamodb.endpoint);
    const life = fc.array(fc.tuple(reply, seen), { minLength: 1, maxLength: 120 });
    await fc.assert(
      fc.asyncProperty(life, text, fc.boolean(), listed, async (replies, note, isDelete, tombstone) => {
        sizes.length = 0;
        const it = world({ client, tables: dynamodb.tables }, { quietPeriodMs: 1_000 });
        const fields = cancelCommand({ note: note.slice(0, 500), actor: note.slice(0, 100) });
        const { connection, orderId } = fields;
        const command = isDelete
          ? { ...fields, kind: 'delete' as const, tombstone: listedSnapshot(tombstone, it.needs.redact) }
          : fields;
        let at = 0;
        const next = () => replies[at % replies.length] ?? [];
        it.cancel.mockImplementation(() => Promise.resolve(next()[0] as CancelReply));
        it.remove.mockImplementation(() => {
          const [asked] = next();
          return Promise.resolve(asked?.kind === 'cancelled' ? { kind: 'unproven' as const } : (asked as CallFailure));
        });
        it.lookUp.mockImplementation(() => Promise.resolve(next()[1] as LookUpReply));
        await perform(command, it.needs, timeLeft(it.clock));
        for (; at < 120; at += 1) {
          const current = await it.needs.ledger.findCurrent(connection, orderId);
          if (current === null || !isOpen(current)) break;
          it.clock.advance(3_600_000);
          await settle(current, it.open(connection), it.needs, timeLeft(it.clock, 110_000));
        }
        expect(Math.max(...sizes)).toBeLessThanOrEqual(LARGEST_ITEM);
        expect(it.logged.filter(({ code }) => code === 'LEDGER_WRITE_FAILED')).toEqual([]);
      }),
      { numRuns: 20, endOnFailure: true },
    );
    client.destroy();
  }, 120_000);
});
