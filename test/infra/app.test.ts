import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';

const outdir = mkdtempSync(join(tmpdir(), 'countermand-app-'));
afterAll(() => {
  rmSync(outdir, { recursive: true });
});

/** The program that `cdk synth` runs, with a context as the CDK hands it over. */
function synth(context: Record<string, unknown>) {
  const env = { PATH: process.env['PATH'], CDK_OUTDIR: outdir, CDK_CONTEXT_JSON: JSON.stringify(context) };
  return spawnSync(process.execPath, ['infra/app.ts'], { env, encoding: 'utf8' });
}

describe('a synth with a context that cannot be used', () => {
  const connections = { 'loja-rio': { provider: 'estoka', baseUrl: 'https://estoka.example.com', organizationId: 1 } };

  it('says in one line what is wrong, without a stack', () => {
    const { status, stderr } = synth({ connections, alarmTopic: 'arn:aws:sns:us-east-1:123456789012:pager' });
    expect(stderr).toBe(
      'The context (cdk.json, or -c) cannot be used: alarmTopic: is not known here; is alarmTopicArn meant?\n',
    );
    expect(status).toBe(1);
  });

  it('says all of it at once: of what is chosen, of connections and of webhooks', () => {
    const { stderr } = synth({
      connections: { 'loja-rio': { provider: 'estoka', organizationId: 1.5 } },
      webhooks: { checkout: { kind: 'standard' } },
      exampleStateMachine: 'yes',
    });
    for (const said of [
      'loja-rio.baseUrl: is missing',
      'loja-rio.organizationId: must be a whole number',
      'checkout.connections: is missing',
      'exampleStateMachine: must be true or false',
    ]) {
      expect(stderr).toContain(said);
    }
    expect(stderr).not.toMatch(/^ +at /m);
  });

  it('takes what the command line hands over as a text (`cdk synth -c connections={…}`) for the JSON that it is', () => {
    const { stderr } = synth({
      connections: JSON.stringify({ 'loja-rio': { provider: 'estoka', organizationId: 1 } }),
      webhooks: '{"checkout": {"kind": "standard"}}',
      outcomeSubscribers: '{"crm": {"url": "http://crm.example.com"}}',
    });
    for (const said of [
      'loja-rio.baseUrl: is missing',
      'checkout.connections: is missing',
      'outcomeSubscribers.crm.url: must be an https URL',
    ]) {
      expect(stderr).toContain(said);
    }
    expect(synth({ connections, webhooks: '{"checkout": ' }).stderr).toContain('webhooks: must be JSON');
  });
});
