import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { readBack } from '../../functions/operations/read-back.ts';
import { keptWords } from '../../functions/operations/evidence.ts';
import { perform } from '../../functions/operations/perform.ts';
import { listedSnapshot } from '../../functions/operations/rules/snapshot.ts';
import type { CancelReply, LookUpReply } from '../../functions/providers/provider.ts';
import { redact } from '../../functions/runtime/redact.ts';
import { startDynamoDB, type TestDynamoDB } from '../support/dynamodb.ts';
import { ACTIVE, cancelCommand, facts, shownOrder, TIMED_OUT, timeLeft, world } from './world.ts';

let dynamodb: TestDynamoDB;
beforeAll(async () => {
  dynamodb = await startDynamoDB();
});
afterAll(() => dynamodb.stop());

const REFUSED: CancelReply = { kind: 'refused', words: 'no' };
const REJECTED = { kind: 'credential_rejected' } as const;

/** How an operation stands after its first ask was answered like this. */
async function after(reply: CancelReply, seen: LookUpReply = ACTIVE) {
  const { needs, clock, cancel, lookUp } = world(dynamodb);
  cancel.mockResolvedValue(reply);
  lookUp.mockResolvedValue(seen);
  // A connection of its own: a rejected credential stops calls.
  const command = cancelCommand();
  const { operation } = await perform({ ...command, connection: `shop-${command.orderId}` }, needs, timeLeft(clock));
  const dueInMs = 'dueAt' in operation ? Date.parse(operation.dueAt) - clock.now() : null;
  return { operation, dueInMs };
}

describe('the settler looks after an ask', () => {
  it.each<[CancelReply, LookUpReply, number]>([
    [TIMED_OUT, ACTIVE, 1_000],
    [{ kind: 'accepted', status: 'billing', historyMark: '7' }, ACTIVE, 1_000],
    [{ kind: 'not_sent', problem: 'provider_unreachable' }, ACTIVE, 1_000],
    [REJECTED, REJECTED, 1_000],
    [REJECTED, ACTIVE, 1_000],
    [REFUSED, { kind: 'deciding', order: facts('billing') }, 1_000],
    [REFUSED, { kind: 'lost', problem: 'timed_out' }, 1_000],
    [{ kind: 'rate_limited', retryAfterMs: null }, ACTIVE, 1_000],
    [{ kind: 'rate_limited', retryAfterMs: 9_000 }, ACTIVE, 9_000],
    [{ kind: 'rate_limited', retryAfterMs: 24 * 3_600_000 }, ACTIVE, 15 * 60_000],
  ])('that ended with %j (read back: %j) in %i ms', async (reply, seen, dueInMs) => {
    expect((await after(reply, seen)).dueInMs).toBe(dueInMs);
  });

  it('that its provider does not offer, and that it proved nothing of, in a second', async () => {
    const { needs, clock, open, restore } = world(dynamodb);
    const opened = open('loja-rio');
    const command = { ...cancelCommand(), kind: 'restore' as const };
    restore.mockResolvedValue({ kind: 'unproven' });
    const { operation } = await perform(command, needs, timeLeft(clock));
    needs.openConnection = () =>
      Promise.resolve({ ...opened, client: { ...opened.client, restore: { offered: false } } });
    const parked = await perform({ ...command, orderId: `${command.orderId}-2` }, needs, timeLeft(clock));
    for (const [one, state] of [
      [operation, 'confirmed'],
      [parked.operation, 'needs_attention'],
    ] as const)
      expect(one.state).toBe(state);
    expect('dueAt' in parked.operation && Date.parse(parked.operation.dueAt) - clock.now()).toBe(1_000);
  });

  it('that it proved nothing of in a second, and until the quiet period and what clocks differ by are over', async () => {
    const { needs, clock, restore, lookUp } = world(dynamodb, { quietPeriodMs: 60_000, clockSkewMs: 20_000 });
    restore.mockResolvedValue({ kind: 'unproven' });
    const ask = () => perform({ ...cancelCommand(), kind: 'restore' }, needs, timeLeft(clock));
    lookUp.mockResolvedValue({ kind: 'cancelled', order: facts('cancelled') });
    const { operation: open } = await ask();
    expect('dueAt' in open && Date.parse(open.dueAt) - clock.now()).toBe(1_000);
    lookUp.mockResolvedValue(ACTIVE);
    const { operation: done } = await ask();
    expect('mayActUntil' in done && Date.parse(done.mayActUntil ?? '') - clock.now()).toBe(80_000);
  });

  it('that was not made for lack of time at once', async () => {
    const { needs, clock } = world(dynamodb);
    const { operation } = await perform(cancelCommand(), needs, timeLeft(clock, 4_500));
    expect(operation).toMatchObject({
      state: 'pending',
      askReach: 'not_sent',
      dueAt: new Date(clock.now()).toISOString(),
    });
  });
});

describe('how far the ask got', () => {
  it.each<[CancelReply, string, string | null]>([
    [TIMED_OUT, 'sent', null],
    [{ kind: 'accepted', status: 'billing', historyMark: '7' }, 'accepted', '7'],
    [{ kind: 'not_sent', problem: 'provider_unreachable' }, 'not_sent', null],
    [{ kind: 'rate_limited', retryAfterMs: null }, 'sent', null],
  ])('is kept: %j is %s', async (reply, askReach, historyMark) => {
    expect((await after(reply)).operation).toMatchObject({ askReach, historyMark });
  });

  it.each<[LookUpReply, string]>([
    [{ kind: 'deciding', order: facts('billing') }, 'accepted'],
    [{ kind: 'rate_limited', retryAfterMs: 5 }, 'sent'],
    [{ kind: 'not_sent', problem: 'provider_unreachable' }, 'sent'],
  ])('is kept where a refusal was read back as %j: %s', async (seen, askReach) => {
    expect((await after(REFUSED, seen)).operation).toMatchObject({ askReach });
  });
});

it('a refusal that there is no time to read back is not believed', async () => {
  const { needs, clock, cancel, lookUp } = world(dynamodb);
  cancel.mockImplementation(() => {
    clock.advance(24_500);
    return Promise.resolve(REFUSED);
  });
  const { operation } = await perform(cancelCommand(), needs, timeLeft(clock));
  expect(operation).toMatchObject({ state: 'unknown', detail: 'refusal_not_verified', askReach: 'sent' });
  expect(lookUp).not.toHaveBeenCalled();
});

it('a call is given no more time than its connection allows, and an ask the mark of what was there before', async () => {
  const { needs, clock, open } = world(dynamodb);
  const limits: unknown[] = [];
  const opened = open('loja-rio');
  needs.openConnection = () =>
    Promise.resolve({
      ...opened,
      client: {
        ...opened.client,
        cancel: (_, call) => {
          limits.push(call);
          return Promise.resolve(REFUSED);
        },
        lookUp: (_, call) => {
          limits.push(call);
          return Promise.resolve(ACTIVE);
        },
      },
    });
  await perform(cancelCommand(), needs, timeLeft(clock));
  expect(limits).toEqual([{ timeoutMs: 5_000, historyMark: null }, { timeoutMs: 25_000 }]);
});

it('a look for which there is no time is not made', async () => {
  const { needs, clock, cancel, lookUp, open } = world(dynamodb);
  cancel.mockResolvedValue(TIMED_OUT);
  const { operation } = await perform(cancelCommand(), needs, timeLeft(clock));
  if (operation.state !== 'unknown') throw new Error('It is not unknown.');
  const seen = await readBack(operation, open('loja-rio'), needs, 4_000);
  expect(seen).toEqual({ kind: 'lost', problem: 'timed_out' });
  expect(lookUp).not.toHaveBeenCalled();
});

describe('a refusal that is read back', () => {
  const refuseAndReadBack = async (kind: 'restore' | 'delete', seen: LookUpReply) => {
    const { needs, clock, restore, remove, lookUp } = world(dynamodb);
    restore.mockResolvedValue({ kind: 'refused', words: 'no' });
    remove.mockResolvedValue({ kind: 'refused', words: 'no' });
    lookUp.mockResolvedValue(seen);
    const fields = cancelCommand();
    fields.connection = `shop-${fields.orderId}`;
    const command =
      kind === 'delete'
        ? { ...fields, kind, tombstone: listedSnapshot({ order: shownOrder(), customer: null }, redact) }
        : { ...fields, kind };
    return (await perform(command, needs, timeLeft(clock))).operation;
  };

  it('is believed of a delete whose order turns out to be active', async () => {
    expect(await refuseAndReadBack('delete', ACTIVE)).toMatchObject({
      state: 'refused',
      detail: 'refused_by_provider',
    });
  });

  it.each<LookUpReply>([
    { kind: 'not_cancelled', order: facts('HOLD'), refusal: null, historyMark: null, isUnclear: true },
    { kind: 'credential_rejected' },
    { kind: 'rate_limited', retryAfterMs: null },
    { kind: 'not_sent', problem: 'provider_unreachable' },
  ])('is not believed of a restore where the look shows %j', async (seen) => {
    expect(await refuseAndReadBack('restore', seen)).toMatchObject({
      state: 'unknown',
      detail: 'refusal_not_verified',
    });
  });
});

describe('an ask that is answered with 401', () => {
  const rejectAndReadBack = async (kind: 'cancel' | 'restore' | 'delete', seen: LookUpReply) => {
    const made = world(dynamodb);
    const { needs, clock, cancel, restore, remove, lookUp, logged } = made;
    for (const ask of [cancel, restore, remove]) ask.mockResolvedValue(REJECTED);
    lookUp.mockResolvedValue(seen);
    const fields = cancelCommand();
    fields.connection = `shop-${fields.orderId}`;
    const command =
      kind === 'delete'
        ? { ...fields, kind, tombstone: listedSnapshot({ order: shownOrder(), customer: null }, redact) }
        : { ...fields, kind };
    const { operation } = await perform(command, needs, timeLeft(clock));
    const state = await needs.health.read(fields.connection);
    expect(lookUp).toHaveBeenCalledTimes(1);
    return { operation, state, codes: logged.map(({ code }) => code) };
  };
  const SHOWN: LookUpReply[] = [
    ACTIVE,
    { kind: 'cancelled', order: facts('cancelled') },
    { kind: 'closed', order: facts('EXPIRED') },
    { kind: 'deciding', order: facts('billing') },
    { kind: 'nowhere' },
  ];

  it.each((['cancel', 'restore', 'delete'] as const).flatMap((kind) => SHOWN.map((seen) => ({ kind, seen }))))(
    'to a $kind, where the same credential is shown $seen.kind, is of that order alone',
    async ({ kind, seen }) => {
      const { operation, state, codes } = await rejectAndReadBack(kind, seen);
      expect(operation).toMatchObject({ state: 'unknown', detail: 'unknown_reply', askReach: 'sent' });
      expect(operation.timeline.at(-1)).toMatchObject({ event: 'unknown', detail: 'unknown_reply', status: 401 });
      expect(state).toBeNull();
      expect(codes).not.toContain('CONNECTION_NEEDS_REAUTH');
    },
  );

  it.each<LookUpReply>([
    REJECTED,
    TIMED_OUT,
    { kind: 'lost', problem: 'provider_error' },
    { kind: 'rate_limited', retryAfterMs: null },
    { kind: 'not_sent', problem: 'provider_unreachable' },
    { kind: 'order_not_found' },
  ])('rejects the credential where the order is read back as $kind, which needs none', async (seen) => {
    const { operation, state, codes } = await rejectAndReadBack('cancel', seen);
    expect(operation).toMatchObject({ state: 'pending', detail: 'credential_rejected', askReach: 'sent' });
    expect(state).toMatchObject({ credentialDigest: 'digest of the first credential' });
    expect(codes.filter((code) => code === 'CONNECTION_NEEDS_REAUTH')).toHaveLength(1);
  });
});

describe('a credential that is rejected while its order is read back', () => {
  it('is noted too, with an error for an alarm', async () => {
    const { needs, clock, cancel, lookUp, logged } = world(dynamodb);
    cancel.mockResolvedValue(REFUSED);
    lookUp.mockResolvedValue({ kind: 'credential_rejected' });
    await perform(cancelCommand({ connection: 'rejected-in-a-look' }), needs, timeLeft(clock));
    expect(await needs.health.read('rejected-in-a-look')).toMatchObject({
      credentialDigest: 'digest of the first credential',
    });
    expect(logged).toContainEqual({
      level: 'error',
      code: 'CONNECTION_NEEDS_REAUTH',
      fields: { connection: 'rejected-in-a-look', provider: 'estoka' },
    });
  });

  it('is noted also where the stored one cannot be read again', async () => {
    const { needs, clock, cancel, lookUp } = world(dynamodb);
    cancel.mockResolvedValue(REJECTED);
    lookUp.mockResolvedValue(REJECTED);
    const open = needs.openConnection;
    let reads = 0;
    needs.openConnection = (name) => {
      reads += 1;
      return reads === 1 ? open(name) : Promise.reject(new Error('no secret any more'));
    };
    await perform(cancelCommand({ connection: 'unreadable-secret' }), needs, timeLeft(clock));
    expect(await needs.health.read('unreadable-secret')).not.toBeNull();
  });
});

it('a connection’s state that cannot be written is no reason to lose what came of the ask', async () => {
  const { needs, clock, cancel, lookUp, logged } = world(dynamodb);
  cancel.mockResolvedValue(REJECTED);
  lookUp.mockResolvedValue(REJECTED);
  needs.health = { ...needs.health, markRejected: () => Promise.reject(new Error('throttled')) };
  const { operation } = await perform(cancelCommand({ connection: 'not-noted' }), needs, timeLeft(clock));
  expect(operation).toMatchObject({ state: 'pending', detail: 'credential_rejected' });
  expect(logged).toContainEqual({
    level: 'error',
    code: 'CONNECTION_HEALTH_NOT_WRITTEN',
    fields: { connection: 'not-noted', provider: 'estoka', error: 'Error: throttled' },
  });
});

describe('a provider’s words, as they are kept', () => {
  const kept = (words: string, personalData: string[] = []) => keptWords(words, facts('billing', personalData), redact);

  it.each([
    ['whole values, in any letter case', 'Pedido de FELIPE FLORES', ['Felipe Flores'], 'Pedido de [redacted]'],
    ['the longer words of a value', 'Sr. Flores, já saiu', ['Felipe Flores'], 'Sr. [redacted], já saiu'],
    ['no short words of a value', 'Rua 9 de Julho', ['Rua das Flores, 9'], 'Rua 9 de Julho'],
    ['no values of two letters', 'em SP', ['SP'], 'em SP'],
    ['values of three letters', 'em Itu', ['Itu'], 'em [redacted]'],
    ['the longest value first', 'Ana Maria Braga', ['Ana', 'Ana Maria Braga'], '[redacted]'],
    ['values with signs that a pattern would read', 'de A.B. (x) e AxBx', ['A.B. (x)'], 'de [redacted] e AxBx'],
    ['every time they occur', 'Felipe e Felipe', ['Felipe'], '[redacted] e [redacted]'],
    ['a word of four letters of one', 'a Sra. Cruz desistiu', ['Maria Cruz'], 'a Sra. [redacted] desistiu'],
    ['names without their accents', 'Pedido de Joao Conceicao', ['João Conceição'], 'Pedido de [redacted]'],
    ['names with accents that are apart', 'de Joa\u0303o!', ['João'], 'de [redacted]!'],
    ['names in capitals', 'de JOÃO', ['joão'], 'de [redacted]'],
    ['names in HTML entities', 'de Jo&atilde;o e Jo&#227;o', ['João'], 'de [redacted] e [redacted]'],
    ['names in JSON’s and an address’s escapes', 'Jo\\u00e3o Jo%C3%A3o', ['João'], '[redacted] [redacted]'],
    ['names in UTF-8 that was read as Latin-1', 'de JosÃ© AntÃ´nio', ['José Antônio'], 'de [redacted]'],
    ['a word of one', 'Sr. GonÃ§alves', ['Ana Gonçalves'], 'Sr. [redacted]'],
    ['names in UTF-8 that was read as windows-1252', 'de ANTÃ”NIO', ['ANTÔNIO'], 'de [redacted]'],
    [
      'names whose accents got lost',
      'de Ant?nio, Ant\ufffdnio e Antnio',
      ['Antônio'],
      'de [redacted], [redacted] e [redacted]',
    ],
    ['a ß in capitals', 'GROSSMANN', ['Großmann'], '[redacted]'],
    ['an İ', 'ibrahim, IBRAHIM', ['İbrahim'], '[redacted], [redacted]'],
    ['an ı', 'IŞIL', ['Işıl'], '[redacted]'],
    ['names with other spaces', 'Ana\u00a0\u00a0Lu', ['Ana Lu'], '[redacted]'],
    ['names with zero-width characters', 'Fe\u200blipe', ['Felipe Flores'], '[redacted]'],
    [
      'names letter by letter',
      'de J o ã o, S.I.L.V.A e J-o-ã-o  S-i-l-v-a',
      ['João Silva'],
      'de [redacted] e [redacted]',
    ],
    ['no letters that stand apart by chance', 'opções a, b, c, d', ['Abc Dados'], 'opções a, b, c, d'],
    ['names of one letter and a word', 'de A. B r a g a', ['A Braga'], 'de [redacted]'],
    ['names in capital letters of other scripts', 'ΣΟΦΟΣ, ИВАН', ['Σοφος', 'Иван'], '[redacted], [redacted]'],
    ['names in letters beyond the first plane', 'de 𠮷野家𠮷!', ['𠮷野家𠮷'], 'de [redacted]!'],
    ['names with another apostrophe, and none', 'D’Ávila, DAVILA', ["Ana D'Ávila"], '[redacted], [redacted]'],
    ['names in other letters of the same sound', 'Søren Müller', ['Soren Muller'], '[redacted]'],
    ['documents in other punctuation', 'RG 12 345.678–X', ['12.345.678-x'], 'RG [redacted]'],
    ['phones without their area', 'ligue 9.9999–9998', ['21 99999 9998'], 'ligue [redacted]'],
    ['a zip code with its dash', 'CEP 20550–012', ['20550012'], 'CEP [redacted]'],
    ['no word that an e-mail has beside its name', 'email inválido', ['17@email.com.br'], 'email inválido'],
    ['what looks like personal data', 'fale com a@b.example', [], 'fale com [redacted]'],
  ])('have struck out %s', (_, words, personalData, expected) => {
    expect(kept(words, personalData)).toBe(expected);
  });

  it('have it struck out in little time, for lists of thousands of orders', () => {
    const startedAt = performance.now();
    for (let order = 0; order < 2_000; order += 1) {
      const personal = [`Pelanggan ${order}`, `0812${order}34567`, `Jalan Contoh ${order}, RT 02, Bandung`];
      expect(kept('Kaos untuk Pelanggan Baru', personal)).toBe('Kaos untuk [redacted] Baru');
    }
    expect(performance.now() - startedAt).toBeLessThan(10_000);
  });

  it('have a name struck out in whatever way it is written', () => {
    const letter = fc.constantFrom(
      ...'a ã á â å ä b c ç d e é ê f g h i í j k l m n ñ o õ ö p q r s ß t u ú ü v w x y ý z'.split(' '),
    );
    const name = fc.array(letter, { minLength: 4, maxLength: 12 }).map((letters) => letters.join(''));
    type Way = (text: string) => string;
    const each =
      (way: Way): Way =>
      (text) =>
        Array.from(text, way).join('');
    const asIs: Way = (text) => text;
    const letters: Way[] = [
      asIs,
      (text) => text.normalize('NFD'),
      (text) => text.normalize('NFD').replace(/\p{M}/gu, ''),
      (text) => text.toUpperCase(),
    ];
    const unshown: Way[] = [asIs, each((character) => `${character}\u200d`)];
    const escapes: Way[] = [
      encodeURIComponent,
      each((character) => `&#${character.codePointAt(0) ?? 0};`),
      (text) => text.replace(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`),
    ];
    const ways = fc
      .tuple(
        fc.constantFrom(...letters),
        fc.constantFrom(...unshown),
        fc.array(fc.constantFrom(...escapes), { maxLength: 2 }),
      )
      .map(([letter, spaced, escaped]) => [letter, spaced, ...escaped]);
    fc.assert(
      fc.property(name, ways, (person, written) => {
        const words = `Pedido de ${written.reduce((text, way) => way(text), person)} 340`;
        expect(kept(words, [person])).toMatch(/^Pedido de \[redacted\] 340$/);
      }),
      { numRuns: 1_000 },
    );
  });

  it('are short, and cut only after what is personal was struck out', () => {
    expect(kept('x'.repeat(400))).toHaveLength(300);
    expect(kept(`${'x'.repeat(295)} Felipe Flores`, ['Felipe Flores'])).not.toContain('Fel');
  });
});

it('no more of a status is kept than a status has, and nothing personal', async () => {
  const { operation } = await after({ kind: 'cancelled', status: `cancelled by a@b.example ${'x'.repeat(100)}` });
  if (operation.state !== 'confirmed') throw new Error('The operation is not confirmed.');
  expect(operation.evidence.status).toMatch(/^cancelled by \[redacted\] x+$/);
  expect(operation.evidence.status).toHaveLength(60);
});
