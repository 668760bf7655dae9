import { describe, expect, it } from '@jest/globals';
import { newHandler } from '../functions/list-connections.ts';
import { createConnections, parseConnections } from '../functions/providers/connections.ts';
import { AccountTurnedAway } from '../functions/operations/errors.ts';
import { SecretUnreadable } from '../functions/runtime/errors.ts';
import { accountKeys } from './support/account-names.ts';
import { askRoute, EVERYTHING, keepingLog } from './support/api-event.ts';

const SECRET = 'c0ffee-c0ffee-c0ffee';

async function list({
  rejected,
  pausedUntil = null,
  stored = SECRET,
  authorizer = EVERYTHING,
  turnedAway,
}: {
  rejected?: string;
  pausedUntil?: string | null;
  turnedAway?: AccountTurnedAway;
  stored?: string | null;
  authorizer?: Record<string, string>;
} = {}) {
  const connectionsWith = (credential: string | null) =>
    createConnections({
      declarations: parseConnections({
        'loja-rio': { provider: 'estoka', baseUrl: 'https://estoka.example', organizationId: 1 },
        'toko-jaya': { provider: 'ngorder', baseUrl: 'https://ngorder.example', quietPeriodSeconds: 60 },
      }),
      readCredential: (name) =>
        credential === null ? Promise.reject(new SecretUnreadable(name)) : Promise.resolve(credential),
      accountKeys,
      http: () => ({
        clock: { now: () => 0, sleep: () => Promise.resolve(), random: () => 0 },
        log: keepingLog(),
        send: () => Promise.reject(new Error('is not called here')),
        read: () => Promise.reject(new Error('is not called here')),
      }),
    });
  const digest = rejected === undefined ? '' : (await connectionsWith(rejected).open('loja-rio')).credentialDigest;
  const rejection =
    rejected === undefined
      ? { credentialDigest: null, rejectedAt: null }
      : { credentialDigest: digest, rejectedAt: '2026-08-01T00:00:00.000Z' };
  const state = { connection: 'loja-rio', ...rejection, pausedUntil, pausedFor: [] };
  const health = { read: (name: string) => Promise.resolve(name === 'loja-rio' ? state : null) };
  const accounts = { check: () => (turnedAway === undefined ? Promise.resolve() : Promise.reject(turnedAway)) };
  const clock = { now: () => Date.parse('2026-08-02T00:00:00.000Z') };
  const handler = newHandler({ connections: connectionsWith(stored), health, accounts, clock, log: keepingLog() });
  const reply = await askRoute('list-connections', handler, { authorizer });
  expect(reply.statusCode).toBe(200);
  expect(reply.body).not.toContain(SECRET);
  expect(reply.body).not.toContain(digest || SECRET);
  return (JSON.parse(reply.body) as { connections: { name: string }[] }).connections;
}

describe('list-connections', () => {
  it('shows the connections without their credentials', async () => {
    expect(await list()).toEqual([
      {
        name: 'loja-rio',
        provider: 'estoka',
        baseUrl: 'https://estoka.example',
        quietPeriodSeconds: 120,
        timeoutSeconds: 15,
        health: 'ok',
        since: null,
        until: null,
      },
      expect.objectContaining({ name: 'toko-jaya', provider: 'ngorder', quietPeriodSeconds: 60, health: 'ok' }),
    ]);
  });

  it('shows since when a provider rejects the stored credential', async () => {
    const [lojaRio, tokoJaya] = await list({ rejected: SECRET });
    expect(lojaRio).toMatchObject({ health: 'needs_reauth', since: '2026-08-01T00:00:00.000Z' });
    expect(tokoJaya).toMatchObject({ health: 'ok' });
  });

  it('shows until when one is paused, and no pause that is over or makes no sense', async () => {
    const showPausedUntil = async (pausedUntil: string) => (await list({ pausedUntil }))[0];
    const until = '2026-08-02T00:00:59.000Z';
    expect(await showPausedUntil(until)).toMatchObject({ health: 'paused', since: null, until });
    expect((await list({ pausedUntil: until, rejected: SECRET }))[0]).toMatchObject({
      health: 'needs_reauth',
      until: null,
    });
    for (const over of ['2026-08-02T00:00:00.000Z', '2026-08-02T01:00:00.000Z', 'soon'])
      expect(await showPausedUntil(over)).toMatchObject({ health: 'ok', until: null });
  });

  it('shows it as ok as soon as another credential is stored', async () => {
    expect((await list({ rejected: 'the old one' }))[0]).toMatchObject({ health: 'ok', since: null });
  });

  it('keeps to the rejection where the stored credential cannot be read', async () => {
    expect((await list({ rejected: SECRET, stored: null }))[0]).toMatchObject({ health: 'needs_reauth' });
  });

  it('shows which are not used because of their accounts, whatever their credentials', async () => {
    const turnedAway = AccountTurnedAway.byHolder('loja-rio', 'loja-sul', true);
    expect((await list({ turnedAway, rejected: SECRET }))[0]).toMatchObject({ health: 'account_has_another_name' });
  });

  it('shows a caller only the connections that the token is for', async () => {
    const shown = await list({ authorizer: { ...EVERYTHING, connections: 'toko-jaya' } });
    expect(shown.map(({ name }) => name)).toEqual(['toko-jaya']);
  });
});
