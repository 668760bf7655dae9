import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { IdempotencyKeyReused, LedgerUnavailable, OperationInProgress } from '../../functions/operations/errors.ts';
import { createLedger } from '../../functions/operations/ledger/ledger.ts';
import { viewOf } from '../../functions/operations/rules/view-of.ts';
import { perform, performLater } from '../../functions/operations/perform.ts';
import { settle } from '../../functions/operations/settle.ts';
import type { CancelReply, LookUpReply } from '../../functions/providers/provider.ts';
import { clientOf, startDynamoDB, type TestDynamoDB } from '../support/dynamodb.ts';
import { ACTIVE, CANCELLED, cancelCommand, DONE, facts, TIMED_OUT, timeLeft, world } from './world.ts';

let dynamodb: TestDynamoDB;
beforeAll(async () => {
  dynamodb = await startDynamoDB();
});
afterAll(() => dynamodb.stop());

const key = (name: string, fingerprint = 'the same ask') => ({
  key: `${name} of ${expect.getState().currentTestName}`,
  fingerprint,
});

/** Counts the requests that reach DynamoDB while `work` runs. */
async function requestsDuring(work: () => Promise<unknown>): Promise<string[]> {
  const sent: string[] = [];
  const name = `count ${Math.random()}`;
  dynamodb.client.middlewareStack.add(
    (next, context) => (args) => {
      sent.push(String(context['commandName']).replace('Command', ''));
      return next(args);
    },
    { step: 'finalizeRequest', name },
  );
  await work();
  dynamodb.client.middlewareStack.remove(name);
  return sent;
}

/** A container that was asked before, so that it knows whose account it asks. */
async function askOnce(container: ReturnType<typeof world>) {
  await perform(cancelCommand(), container.needs, timeLeft(container.clock));
  return container;
}

describe('a first ask', () => {
  it('is confirmed on the evidence of the reply', async () => {
    const { needs, clock } = world(dynamodb);
    const command = cancelCommand({ reason: 'fraud', actor: 'ana' });
    const { operation, replayed } = await perform(command, needs, timeLeft(clock));

    expect(replayed).toBe(false);
    expect(viewOf(operation)).toMatchObject({
      id: `loja-rio:${command.orderId}:1`,
      outcome: 'confirmed',
      detail: 'cancelled',
      final: true,
      reason: 'fraud',
      actor: 'ana',
      attempts: 1,
      evidence: { source: 'reply', status: 'cancelled' },
      timeline: [{ event: 'requested' }, { event: 'confirmed' }],
    });
    expect(await needs.ledger.find('loja-rio', command.orderId)).toEqual({ current: operation, previous: [] });
  });

  it('costs two writes one after the other, and one read of the connection beside the first', async () => {
    const { needs, clock } = await askOnce(world(dynamodb));
    const sent = await requestsDuring(() => perform(cancelCommand(), needs, timeLeft(clock)));
    expect(sent.sort()).toEqual(['GetItem', 'PutItem', 'PutItem']);
  });

  it('of a container looks first whether the account has its name, by one read more', async () => {
    await askOnce(world(dynamodb));
    const { needs, clock } = world(dynamodb);
    const sent = await requestsDuring(() => perform(cancelCommand(), needs, timeLeft(clock)));
    expect(sent.toSorted()).toEqual(['GetItem', 'GetItem', 'PutItem', 'PutItem']);
    expect(sent.indexOf('PutItem')).toBe(2);
  });

  it('is written as calling before the provider is called', async () => {
    const { needs, clock, cancel } = world(dynamodb);
    const command = cancelCommand();
    let seen: string | undefined;
    cancel.mockImplementation(async () => {
      seen = (await needs.ledger.find(command.connection, command.orderId))?.current.state;
      return DONE;
    });
    await perform(command, needs, timeLeft(clock));
    expect(seen).toBe('calling');
  });

  it.each<[string, CancelReply, LookUpReply, string, string]>([
    ['timed out', TIMED_OUT, ACTIVE, 'unknown', 'timed_out'],
    ['cut', { kind: 'lost', problem: 'connection_cut' }, ACTIVE, 'unknown', 'connection_cut'],
    ['a 5xx', { kind: 'lost', problem: 'provider_error' }, ACTIVE, 'unknown', 'provider_error'],
    ['about another order', { kind: 'lost', problem: 'wrong_order' }, ACTIVE, 'unknown', 'wrong_order'],
    ['never sent', { kind: 'not_sent', problem: 'provider_unreachable' }, ACTIVE, 'pending', 'provider_unreachable'],
    ['accepted', { kind: 'accepted', status: 'billing', historyMark: '7' }, ACTIVE, 'pending', 'accepted'],
    ['rate limited', { kind: 'rate_limited', retryAfterMs: 9_000 }, ACTIVE, 'pending', 'rate_limited'],
    ['a no, and the order is cancelled', { kind: 'refused', words: 'no' }, CANCELLED, 'confirmed', 'already_cancelled'],
    ['a no, and the order is active', { kind: 'refused', words: 'no' }, ACTIVE, 'refused', 'refused_by_provider'],
    [
      'a no, and the order is nowhere',
      { kind: 'refused', words: 'no' },
      { kind: 'nowhere' },
      'refused',
      'order_not_found',
    ],
    [
      'a no, and a cancellation is under way',
      { kind: 'refused', words: 'no' },
      { kind: 'deciding', order: facts('billing') },
      'pending',
      'accepted',
    ],
    [
      'a no that cannot be verified',
      { kind: 'refused', words: 'no' },
      { kind: 'lost', problem: 'timed_out' },
      'unknown',
      'refusal_not_verified',
    ],
    [
      'not found, twice',
      { kind: 'order_not_found', words: '' },
      { kind: 'order_not_found' },
      'refused',
      'order_not_found',
    ],
    [
      'not found, but there and cancelled',
      { kind: 'order_not_found', words: '' },
      CANCELLED,
      'confirmed',
      'already_cancelled',
    ],
  ])('whose reply is %s', async (_, reply, seen, outcome, detail) => {
    const { needs, clock, cancel, lookUp } = world(dynamodb);
    cancel.mockResolvedValue(reply);
    lookUp.mockResolvedValue(seen);
    const { operation } = await perform(cancelCommand(), needs, timeLeft(clock));
    expect(viewOf(operation)).toMatchObject({ outcome, detail });
    expect(cancel).toHaveBeenCalledTimes(1);
  });

  it('keeps the provider’s words without the order’s personal data', async () => {
    const { needs, clock, cancel, lookUp } = world(dynamodb);
    cancel.mockResolvedValue({
      kind: 'refused',
      words: 'O pedido de Felipe Flores (Rua Xavier 9, CPF 015.276.751-73) já saiu',
    });
    lookUp.mockResolvedValue({
      kind: 'not_cancelled',
      order: facts('released', ['Felipe Flores', 'Rua Xavier 9']),
      refusal: null,
      historyMark: null,
    });
    const { operation } = await perform(cancelCommand({ note: 'mail me: a@b.example' }), needs, timeLeft(clock));
    expect(operation.words).toMatch(/^O pedido de \[redacted\] \(\[redacted\], CPF .*\) já saiu$/);
    expect(JSON.stringify(operation)).not.toMatch(/Felipe|Xavier|015\.276|a@b/);
  });

  it('is not sent when too little time is left, and stays pending', async () => {
    const { needs, clock, cancel } = world(dynamodb);
    const { operation } = await perform(cancelCommand(), needs, timeLeft(clock, 4_500));
    expect(viewOf(operation)).toMatchObject({ outcome: 'pending', detail: 'no_time_left' });
    expect(cancel).not.toHaveBeenCalled();
  });

  /** Asked for by a container that is paused between the claim and the call. */
  const pauseBeforeCall = async (ms: number, clockSkewMs: number) => {
    const { needs, clock, cancel } = world(dynamodb, { clockSkewMs });
    const claim = needs.ledger.claim.bind(needs.ledger);
    needs.ledger.claim = async (...args) => {
      const claimed = await claim(...args);
      clock.advance(ms);
      return claimed;
    };
    const { operation } = await perform(cancelCommand(), needs, () => 29_000);
    return { operation, cancel };
  };

  it('is not sent when its container was paused until the lease was nearly over', async () => {
    const { operation, cancel } = await pauseBeforeCall(28_000, 0);
    expect(operation.detail).toBe('no_time_left');
    expect(cancel).not.toHaveBeenCalled();
  });

  it('is taken to be over sooner by what clocks may differ by', async () => {
    const { operation, cancel } = await pauseBeforeCall(28_000, 20_000);
    expect(operation.detail).toBe('no_time_left');
    expect(cancel).not.toHaveBeenCalled();
  });
});

describe('a connection that cannot be opened, or whose health cannot be read', () => {
  it.each<[string, (needs: ReturnType<typeof world>['needs']) => void]>([
    ['its credential', (needs) => (needs.openConnection = () => Promise.reject(new Error('no secret today')))],
    [
      'its health',
      (needs) => (needs.health = { ...needs.health, read: () => Promise.reject(new Error('no table today')) }),
    ],
  ])('leaves the ask pending, unsent and due at once: %s', async (_, breakIt) => {
    const { needs, clock, cancel, logged } = world(dynamodb);
    breakIt(needs);
    const { operation } = await perform(cancelCommand(), needs, timeLeft(clock));
    expect(operation).toMatchObject({
      state: 'pending',
      detail: 'connection_unavailable',
      askReach: 'not_sent',
      dueAt: new Date(clock.now()).toISOString(),
    });
    expect(logged).toContainEqual({
      level: 'error',
      code: 'CONNECTION_NOT_OPENED',
      fields: {
        connection: operation.connection,
        error: expect.objectContaining({ message: expect.stringMatching(/^no .* today$/) }),
      },
    });
    expect(cancel).not.toHaveBeenCalled();
  });
});

describe('the same ask again', () => {
  it('gets the operation as it stands, for one round trip and no call', async () => {
    const { needs, clock, cancel } = world(dynamodb);
    needs.health = { ...needs.health, read: () => Promise.resolve(null) };
    const command = cancelCommand();
    const first = await perform(command, needs, timeLeft(clock));
    let again: unknown;
    const sent = await requestsDuring(async () => {
      again = await perform(command, needs, timeLeft(clock));
    });
    expect(again).toEqual({ operation: first.operation, replayed: true });
    expect(sent).toEqual(['PutItem']);
    expect(cancel).toHaveBeenCalledTimes(1);
  });

  it('gets the open operation too, whatever is known of it', async () => {
    const { needs, clock, cancel } = world(dynamodb);
    cancel.mockResolvedValue(TIMED_OUT);
    const command = cancelCommand();
    await perform(command, needs, timeLeft(clock));
    expect(await perform(command, needs, timeLeft(clock))).toMatchObject({
      replayed: true,
      operation: { state: 'unknown' },
    });
    expect(cancel).toHaveBeenCalledTimes(1);
  });

  it('is told so while the first is at the provider, and is answered when that one’s container died', async () => {
    const { needs, clock, cancel } = world(dynamodb);
    const command = cancelCommand();
    cancel.mockImplementation(async () => {
      await expect(perform(command, needs, timeLeft(clock))).rejects.toThrow(OperationInProgress);
      clock.advance(30_000);
      expect(viewOf((await perform(command, needs, timeLeft(clock))).operation).outcome).toBe('unknown');
      return DONE;
    });
    await perform(command, needs, timeLeft(clock));
    expect(cancel).toHaveBeenCalledTimes(1);
  });

  it('from 50 callers at once has one effect, and each caller gets a true answer', async () => {
    const { needs, clock, cancel } = world(dynamodb);
    const command = cancelCommand();
    const answers = await Promise.allSettled(
      Array.from({ length: 50 }, (_, i) =>
        perform({ ...command, idempotency: i % 2 === 0 ? null : key(`caller ${i}`) }, needs, timeLeft(clock)),
      ),
    );
    expect(cancel).toHaveBeenCalledTimes(1);
    for (const answer of answers) {
      if (answer.status === 'rejected') expect(answer.reason).toBeInstanceOf(OperationInProgress);
      else expect(answer.value.operation.state).toBe('confirmed');
    }
  });
});

describe('an ask after a refusal', () => {
  const refusing = () => {
    const it = world(dynamodb);
    it.cancel.mockResolvedValue({ kind: 'refused', words: 'not now' });
    return it;
  };

  it('opens the order’s next operation, and the refused one is kept', async () => {
    const { needs, clock, cancel } = refusing();
    const command = cancelCommand();
    const first = await perform(command, needs, timeLeft(clock));
    cancel.mockResolvedValue(DONE);
    const second = await perform(command, needs, timeLeft(clock));
    expect(second).toMatchObject({ replayed: false, operation: { number: 2, state: 'confirmed' } });
    expect(await needs.ledger.find(command.connection, command.orderId)).toEqual({
      current: second.operation,
      previous: [first.operation],
    });
    expect(await needs.ledger.findOperation(`loja-rio:${command.orderId}:1`)).toEqual(first.operation);
    expect(await needs.ledger.findOperation(`loja-rio:${command.orderId}:2`)).toEqual(second.operation);
    expect(await needs.ledger.findOperation(`loja-rio:${command.orderId}:3`)).toBeNull();
  });

  it('with the same key replays the refusal, even when the order went on since', async () => {
    const { needs, clock, cancel } = refusing();
    const command = cancelCommand({ idempotency: key('k') });
    const first = await perform(command, needs, timeLeft(clock));
    expect(await perform(command, needs, timeLeft(clock))).toEqual({ operation: first.operation, replayed: true });
    cancel.mockResolvedValue(DONE);
    await perform({ ...command, idempotency: key('another') }, needs, timeLeft(clock));
    expect(await perform(command, needs, timeLeft(clock))).toEqual({ operation: first.operation, replayed: true });
    expect(cancel).toHaveBeenCalledTimes(2);
  });

  it('hands on the mark of the refusal, so that it is not taken for the next one’s', async () => {
    const { needs, clock, lookUp, lookUpQueries } = refusing();
    lookUp.mockResolvedValue({ kind: 'not_cancelled', order: facts('billing'), refusal: null, historyMark: '591' });
    const command = cancelCommand();
    await perform(command, needs, timeLeft(clock));
    await perform(command, needs, timeLeft(clock));
    expect(lookUpQueries).toMatchObject([{ historyMark: null }, { historyMark: '591' }]);
  });

  it('from many callers at once is asked once', async () => {
    const { needs, clock, cancel } = refusing();
    const command = cancelCommand();
    await perform(command, needs, timeLeft(clock));
    cancel.mockResolvedValue(DONE);
    await Promise.allSettled(Array.from({ length: 20 }, () => perform(command, needs, timeLeft(clock))));
    expect(cancel).toHaveBeenCalledTimes(2);
  });
});

describe('an idempotency key', () => {
  it('is claimed with the order in one transaction, and a replay is one round trip', async () => {
    const { needs, clock } = await askOnce(world(dynamodb));
    needs.health = { ...needs.health, read: () => Promise.resolve(null) };
    const command = cancelCommand({ idempotency: key('k') });
    expect(await requestsDuring(() => perform(command, needs, timeLeft(clock)))).toEqual([
      'TransactWriteItems',
      'PutItem',
    ]);
    expect(await requestsDuring(() => perform(command, needs, timeLeft(clock)))).toEqual(['TransactWriteItems']);
  });

  it('that comes back with another ask is refused, and nothing is called', async () => {
    const { needs, clock, cancel } = world(dynamodb);
    await perform(cancelCommand({ idempotency: key('k') }), needs, timeLeft(clock));
    await expect(
      perform(cancelCommand({ idempotency: key('k', 'another ask') }), needs, timeLeft(clock)),
    ).rejects.toThrow(IdempotencyKeyReused);
    expect(cancel).toHaveBeenCalledTimes(1);
  });

  it('on an order that has an operation is bound to it', async () => {
    const { needs, clock, cancel } = world(dynamodb);
    const command = cancelCommand();
    await perform(command, needs, timeLeft(clock));
    expect((await perform({ ...command, idempotency: key('k') }, needs, timeLeft(clock))).replayed).toBe(true);
    await expect(
      perform({ ...cancelCommand(), idempotency: key('k', 'another ask') }, needs, timeLeft(clock)),
    ).rejects.toThrow(IdempotencyKeyReused);
    expect(cancel).toHaveBeenCalledTimes(1);
  });

  it('that another ask binds to a later operation in between stands for that one', async () => {
    const { needs, clock, cancel, lookUp, open } = world(dynamodb);
    cancel.mockResolvedValueOnce({ kind: 'not_sent', problem: 'provider_unreachable' });
    const command = cancelCommand();
    const { operation: first } = await perform(command, needs, timeLeft(clock));
    if (first.state !== 'pending') throw new Error('The operation is not pending.');

    const asked = { ...command, idempotency: key('k') };
    const overtaken = {
      ...needs.ledger,
      bindKey: async (...args: Parameters<typeof needs.ledger.bindKey>) => {
        cancel.mockResolvedValueOnce({ kind: 'refused', words: 'no' });
        await settle(first, open(first.connection), needs, timeLeft(clock, 120_000));
        lookUp.mockResolvedValue(CANCELLED);
        await perform(asked, needs, timeLeft(clock));
        return needs.ledger.bindKey(...args);
      },
    };
    const { operation } = await perform(asked, { ...needs, ledger: overtaken }, timeLeft(clock));
    expect(operation).toMatchObject({ number: 2, state: 'confirmed' });
    expect((await perform(asked, needs, timeLeft(clock))).operation.number).toBe(2);
  });

  it('may be used anew when its lifetime is over, and the order is still cancelled only once', async () => {
    const { needs, clock, cancel } = world(dynamodb);
    const command = cancelCommand({ idempotency: key('k') });
    await perform(command, needs, timeLeft(clock));
    clock.advance(15 * 24 * 3600 * 1000);
    expect((await perform({ ...command, idempotency: key('k', 'another ask') }, needs, timeLeft(clock))).replayed).toBe(
      true,
    );
    expect(cancel).toHaveBeenCalledTimes(1);
  });
});

describe('a rejected credential', () => {
  it('stops the connection’s calls until another one is stored', async () => {
    const { needs, clock, cancel, lookUp, credentials, logged } = world(dynamodb);
    const at = { connection: 'rejected-shop' };
    cancel.mockResolvedValue({ kind: 'credential_rejected' });
    lookUp.mockResolvedValue({ kind: 'credential_rejected' });
    const first = await perform(cancelCommand(at), needs, timeLeft(clock));
    const second = await perform(cancelCommand(at), needs, timeLeft(clock));
    expect([first, second].map(({ operation }) => viewOf(operation))).toMatchObject([
      { outcome: 'pending', detail: 'credential_rejected' },
      { outcome: 'pending', detail: 'credential_rejected' },
    ]);
    expect(cancel).toHaveBeenCalledTimes(1);
    expect(logged).toContainEqual(expect.objectContaining({ level: 'error', code: 'CONNECTION_NEEDS_REAUTH' }));

    credentials.set('rejected-shop', 'a new one');
    cancel.mockResolvedValue(DONE);
    expect((await perform(cancelCommand(at), needs, timeLeft(clock))).operation.state).toBe('confirmed');
  });

  it('is written down for the operation, also where the connection’s health cannot be', async () => {
    const { needs, clock, cancel, lookUp, logged } = world(dynamodb);
    cancel.mockResolvedValue({ kind: 'credential_rejected' });
    lookUp.mockResolvedValue({ kind: 'credential_rejected' });
    const health = { ...needs.health, markRejected: () => Promise.reject(new Error('throttled')) };
    const { operation } = await perform(cancelCommand(), { ...needs, health }, timeLeft(clock));
    expect(viewOf(operation)).toMatchObject({ outcome: 'pending', detail: 'credential_rejected' });
    expect(logged).toContainEqual(expect.objectContaining({ level: 'error', code: 'CONNECTION_HEALTH_NOT_WRITTEN' }));
  });

  it('is not noted when another one has been stored meanwhile', async () => {
    const { needs, clock, cancel, credentials } = world(dynamodb);
    cancel.mockImplementation(() => {
      credentials.set('rotated-shop', 'a new one');
      return Promise.resolve({ kind: 'credential_rejected' });
    });
    await perform(cancelCommand({ connection: 'rotated-shop' }), needs, timeLeft(clock));
    expect(await needs.health.read('rotated-shop')).toBeNull();
  });
});

describe('a ledger that fails', () => {
  /** A client whose replies to the `lost`-th and later writes are lost once each, after they were applied. */
  const losingReplies = (isLost: (write: number) => boolean, attempts = 2) => {
    const client = clientOf(dynamodb.endpoint, attempts);
    let writes = 0;
    client.middlewareStack.add(
      (next, context) => async (args) => {
        const result = await next(args);
        if (!/Put|Transact/.test(String(context['commandName']))) return result;
        writes += 1;
        if (isLost(writes))
          throw Object.assign(new Error('reply lost'), { name: 'TimeoutError', code: 'ECONNRESET', $retryable: {} });
        return result;
      },
      { step: 'finalizeRequest', priority: 'low', name: 'lose replies' },
    );
    return client;
  };

  it.each([
    ['a plain claim', null],
    ['a claim with a key', key('k')],
  ])('recognises %s of its own whose reply was lost', async (_, idempotency) => {
    const { needs, clock, cancel } = world(dynamodb);
    const client = losingReplies((write) => write === 1);
    needs.ledger = createLedger({ dynamodb: client, tables: dynamodb.tables, clock });
    const { operation, replayed } = await perform(cancelCommand({ idempotency }), needs, timeLeft(clock));
    expect({ state: operation.state, replayed }).toEqual({ state: 'confirmed', replayed: false });
    expect(cancel).toHaveBeenCalledTimes(1);
    client.destroy();
  });

  it('tells its own result whose reply was lost, though the order’s next operation stands by then', async () => {
    const { needs, clock, cancel } = world(dynamodb);
    const command = cancelCommand();
    cancel.mockResolvedValueOnce({ kind: 'refused', words: 'no' });
    const { ledger } = needs;
    const repeating = {
      ...ledger,
      write: async (...args: Parameters<typeof ledger.write>) => {
        await ledger.write(...args);
        // The reply is lost, somebody else asks, and the client repeats the request.
        await perform(command, needs, timeLeft(clock));
        return ledger.write(...args);
      },
    };
    const { operation } = await perform(command, { ...needs, ledger: repeating }, timeLeft(clock));
    expect(operation).toMatchObject({ number: 1, state: 'refused' });
    expect((await needs.ledger.find(command.connection, command.orderId))?.current.number).toBe(2);
  });

  it('recognises its own result whose reply was lost', async () => {
    const { needs, clock } = world(dynamodb);
    const client = losingReplies((write) => write === 2);
    needs.ledger = createLedger({ dynamodb: client, tables: dynamodb.tables, clock });
    const { operation } = await perform(cancelCommand(), needs, timeLeft(clock));
    expect(operation.state).toBe('confirmed');
    client.destroy();
  });

  it('before the claim: nothing is called, and the caller is told', async () => {
    const { needs, clock, cancel } = world(dynamodb);
    needs.ledger.claim = () => Promise.reject(new Error('throttled'));
    await expect(perform(cancelCommand(), needs, timeLeft(clock))).rejects.toThrow(LedgerUnavailable);
    expect(cancel).not.toHaveBeenCalled();
  });

  it('after the call: the claim stands as unknown, and settling proves it', async () => {
    const { needs, clock, lookUp, cancel, open, logged } = world(dynamodb);
    const write = needs.ledger.write.bind(needs.ledger);
    needs.ledger.write = () => Promise.reject(new Error('throttled'));
    const command = cancelCommand();
    const { operation } = await perform(command, needs, timeLeft(clock));
    expect(viewOf(operation)).toMatchObject({ outcome: 'unknown', final: false });
    expect(logged).toContainEqual(expect.objectContaining({ code: 'LEDGER_WRITE_FAILED' }));

    needs.ledger.write = write;
    clock.advance(60_000);
    lookUp.mockResolvedValue(CANCELLED);
    const [due] = (await needs.ledger.due('loja-rio', clock.now(), 100)).operations.filter(
      ({ orderId }) => orderId === command.orderId,
    );
    if (due === undefined) throw new Error('The operation is not due.');
    expect(await settle(due, open('loja-rio'), needs, timeLeft(clock))).toBe('settled');
    expect((await needs.ledger.find('loja-rio', command.orderId))?.current).toMatchObject({
      state: 'confirmed',
      evidence: { source: 'read_back' },
    });
    expect(cancel).toHaveBeenCalledTimes(1);
  });
});

describe('an ask that is to be performed later', () => {
  const dueOf = async ({ needs, clock }: ReturnType<typeof world>, orderId: string) =>
    (await needs.ledger.due('loja-rio', clock.now(), 100)).operations.filter(
      (operation) => operation.orderId === orderId,
    );

  it('is due at once, without a call and for one round trip', async () => {
    const it = await askOnce(world(dynamodb));
    it.cancel.mockClear();
    const command = cancelCommand({ idempotency: key('k') });
    const sent = await requestsDuring(() => performLater(command, it.needs));
    expect(sent).toEqual(['TransactWriteItems']);
    expect(it.cancel).not.toHaveBeenCalled();
    const [due] = await dueOf(it, command.orderId);
    if (due === undefined) throw new Error('The operation is not due.');
    expect(viewOf(due)).toMatchObject({ outcome: 'pending', detail: 'queued', attempts: 0, final: false });
  });

  it('is asked for by the settler, once', async () => {
    const { needs, clock, cancel, open } = world(dynamodb);
    const command = cancelCommand();
    const { operation, replayed } = await performLater(command, needs);
    expect(replayed).toBe(false);
    if (operation.state !== 'pending') throw new Error('The operation is not pending.');
    expect(await settle(operation, open('loja-rio'), needs, timeLeft(clock))).toBe('settled');
    const settled = (await needs.ledger.find('loja-rio', command.orderId))?.current;
    expect(settled).toMatchObject({
      state: 'confirmed',
      detail: 'cancelled',
      attempts: 1,
      timeline: [{ event: 'requested' }, { event: 'asked' }, { event: 'confirmed' }],
    });
    expect(await performLater(command, needs)).toEqual({ operation: settled, replayed: true });
    expect(cancel).toHaveBeenCalledTimes(1);
  });

  it('is not asked for where the order turns out to be cancelled already', async () => {
    const { needs, clock, cancel, lookUp, open } = world(dynamodb);
    lookUp.mockResolvedValue(CANCELLED);
    const command = cancelCommand();
    const { operation } = await performLater(command, needs);
    if (operation.state !== 'pending') throw new Error('The operation is not pending.');
    await settle(operation, open('loja-rio'), needs, timeLeft(clock));
    expect((await needs.ledger.find('loja-rio', command.orderId))?.current.detail).toBe('already_cancelled');
    expect(cancel).not.toHaveBeenCalled();
  });

  it('gets the operation that is there, also while it is being asked for', async () => {
    const { needs, clock, cancel } = world(dynamodb);
    const command = cancelCommand();
    cancel.mockImplementation(async () => {
      expect(await performLater({ ...command, idempotency: key('k') }, needs)).toMatchObject({
        replayed: true,
        operation: { state: 'calling' },
      });
      return DONE;
    });
    const { operation } = await perform(command, needs, timeLeft(clock));
    expect(await performLater({ ...command, idempotency: key('k') }, needs)).toEqual({ operation, replayed: true });
    await expect(performLater({ ...command, idempotency: key('k', 'another ask') }, needs)).rejects.toThrow(
      IdempotencyKeyReused,
    );
  });

  it('opens the order’s next operation after a refusal', async () => {
    const { needs, clock, cancel } = world(dynamodb);
    cancel.mockResolvedValue({ kind: 'refused', words: 'not now' });
    const command = cancelCommand();
    await perform(command, needs, timeLeft(clock));
    expect((await performLater(command, needs)).operation).toMatchObject({ number: 2, state: 'pending' });
  });
});

it('a proof that comes after the lease was lost still settles what is open', async () => {
  const { needs, clock, cancel, lookUp, open } = world(dynamodb);
  const command = cancelCommand();
  cancel.mockImplementation(async () => {
    clock.advance(40_000);
    lookUp.mockResolvedValue({ kind: 'lost', problem: 'timed_out' });
    const current = (await needs.ledger.find(command.connection, command.orderId))?.current;
    if (current?.state !== 'calling') throw new Error('The operation is not being called for.');
    expect(await settle(current, open('loja-rio'), needs, timeLeft(clock))).toBe('open');
    return DONE;
  });
  const { operation } = await perform(command, needs, timeLeft(clock));
  expect(operation).toMatchObject({
    state: 'confirmed',
    timeline: [{ event: 'requested' }, { detail: 'interrupted' }, { event: 'confirmed' }],
  });
});

describe('what is not as it should be', () => {
  it('is told where others are quicker each time', async () => {
    const { needs, clock, cancel } = world(dynamodb);
    cancel.mockResolvedValue({ kind: 'refused', words: 'no' });
    const command = cancelCommand();
    const { operation: current } = await perform(command, needs, timeLeft(clock));
    let claims = 0;
    needs.ledger = {
      ...needs.ledger,
      claimNext: () => {
        claims += 1;
        return Promise.resolve({ kind: 'exists', current });
      },
    };
    const failure: unknown = await perform(command, needs, timeLeft(clock)).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(LedgerUnavailable);
    expect(String((failure as LedgerUnavailable).cause)).toContain('claimed by others again and again');
    expect(claims).toBe(3);
  });

  it('is told where the ledger lacks what it names itself', async () => {
    const { needs, clock, cancel, restore, lookUp } = world(dynamodb);
    const command = cancelCommand();
    await perform(command, needs, timeLeft(clock));
    lookUp.mockResolvedValue(CANCELLED);
    restore.mockResolvedValue({ kind: 'refused', words: 'no' });
    await perform({ ...command, kind: 'restore' }, needs, timeLeft(clock));
    const holey = { ...needs, ledger: { ...needs.ledger, findOperation: () => Promise.resolve(null) } };
    await expect(perform(command, holey, timeLeft(clock))).rejects.toThrow(
      `The ledger does not hold ${command.connection}:${command.orderId}:1, which its order's current operation names.`,
    );
    const known = { ...cancelCommand(), idempotency: key('held') };
    await perform(known, needs, timeLeft(clock));
    const elsewhere = { ...cancelCommand(), idempotency: known.idempotency };
    await expect(perform(elsewhere, holey, timeLeft(clock))).rejects.toThrow(
      `The ledger does not hold ${known.connection}:${known.orderId}:1, to which a key is bound.`,
    );
    expect(cancel).toHaveBeenCalledTimes(2);
  });
});

it('a key that another order’s ask was bound to stands for that one', async () => {
  const { needs, clock, cancel } = world(dynamodb);
  const known = { ...cancelCommand(), idempotency: key('bound') };
  const { operation } = await perform(known, needs, timeLeft(clock));
  const elsewhere = { ...cancelCommand(), idempotency: known.idempotency };
  expect(await perform(elsewhere, needs, timeLeft(clock))).toEqual({ operation, replayed: true });
  expect(cancel).toHaveBeenCalledTimes(1);
});

it('an ask whose lease ends now is answered with, and not waited for', async () => {
  const { needs, clock, cancel } = world(dynamodb);
  const command = cancelCommand();
  cancel.mockImplementationOnce(async () => {
    const found = await needs.ledger.find(command.connection, command.orderId);
    const current = found?.current;
    if (current?.state !== 'calling') throw new Error('It is not calling.');
    expect(current.detail).toBe('in_progress');
    const again = () => perform(command, needs, timeLeft(clock));
    clock.advance(Date.parse(current.leaseUntil) - clock.now() - 1);
    await expect(again()).rejects.toMatchObject({ isSameKind: true, retryAfterSeconds: 1 });
    clock.advance(1);
    expect(await again()).toEqual({ operation: current, replayed: true });
    return DONE;
  });
  await perform(command, needs, timeLeft(clock));
});
