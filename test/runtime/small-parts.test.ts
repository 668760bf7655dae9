import { describe, expect, it } from '@jest/globals';
import { canonicalJson } from '../../functions/runtime/canonical-json.ts';
import { clientLimits } from '../../functions/runtime/client-limits.ts';
import { systemClock } from '../../functions/runtime/clock.ts';
import { ENVIRONMENT, fromEnvironment } from '../../functions/runtime/environment.ts';
import { JsonTooDeep, SecretUnreadable } from '../../functions/runtime/errors.ts';
import { awaitLater } from '../../functions/runtime/settled.ts';

it('canonical JSON is the same for equal values, however their keys are in order', () => {
  const text = '{"a":[{"x":null,"y":[2,1]}],"b":"é","c":{}}';
  expect(canonicalJson({ c: {}, b: 'é', a: [{ y: [2, 1], x: null }], d: undefined })).toBe(text);
  expect(canonicalJson({ a: [{ x: null, y: [2, 1] }], b: 'é', c: {} })).toBe(text);
});

it('a promise that is looked at later is a value, whichever way it ends', async () => {
  const error = new Error('lost');
  expect(await awaitLater(Promise.resolve(7))).toEqual({ ok: true, value: 7 });
  expect(await awaitLater(Promise.reject(error))).toEqual({ ok: false, error });
});

describe('a variable of the environment', () => {
  it('is what the stack set', () => {
    expect(fromEnvironment(ENVIRONMENT.ledgerTable, { LEDGER_TABLE: 'Ledger' })).toBe('Ledger');
  });

  it.each([{}, { LEDGER_TABLE: '' }])('is missed by name where there is %j', (environment) => {
    expect(() => fromEnvironment(ENVIRONMENT.ledgerTable, environment)).toThrow(
      'The environment variable LEDGER_TABLE is not set; see infra/functions.ts.',
    );
  });
});

it('the system’s clock tells the time, waits, and draws from all of [0, 1)', async () => {
  const before = Date.now();
  await systemClock.sleep(20);
  expect(systemClock.now() - before).toBeGreaterThanOrEqual(19);
  expect(systemClock.now()).toBeLessThanOrEqual(Date.now());
  const drawn = Array.from({ length: 100 }, () => systemClock.random());
  expect(new Set(drawn).size).toBeGreaterThan(90);
  expect(drawn.every((one) => one >= 0 && one < 1)).toBe(true);
});

it('a client of AWS makes three attempts, each of which ends', () => {
  const requestHandler = { connectionTimeout: 1_000, requestTimeout: 3_000, throwOnRequestTimeout: true };
  expect(clientLimits(3_000)).toEqual({ maxAttempts: 3, requestHandler });
});

/** What an operator finds in the log. */
it.each([
  [new SecretUnreadable('key'), 'SecretUnreadable: The secret key could not be read.'],
  [new SecretUnreadable('key', null, 'is empty'), 'SecretUnreadable: The secret key is empty.'],
  [new JsonTooDeep(), 'JsonTooDeep: The JSON is nested too deep.'],
])('%s says what happened', (error, text) => {
  expect(String(error)).toBe(text);
});

it('a secret that cannot be read says why', () => {
  const cause = new Error('denied');
  expect(new SecretUnreadable('key', cause)).toMatchObject({ cause, secret: 'key' });
});
