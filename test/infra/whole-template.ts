import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib/core';
import { functionDir } from '../../infra/bundle.ts';
import { parseContext } from '../../infra/context.ts';
import { FUNCTIONS } from '../../infra/functions.ts';
import { CountermandStack } from '../../infra/stack.ts';
import { IN_PROCESS } from '../../infra/synth.ts';

export type Properties = Record<string, unknown>;
export interface Template {
  Resources: Record<string, { Type: string; Properties: Properties }>;
}

/** The stack with all that can be chosen, over bundles that are empty. */
export function wholeTemplate(directory: string): Template {
  const buildDir = join(directory, 'build');
  for (const { name } of FUNCTIONS) {
    mkdirSync(functionDir(buildDir, name), { recursive: true });
    writeFileSync(join(functionDir(buildDir, name), 'index.mjs'), '');
  }
  const context = parseContext({
    alarmTopicArn: 'arn:aws:sns:us-east-1:123456789012:pager',
    exampleStateMachine: true,
    outcomeSubscribers: { crm: { url: 'https://crm.example/outcomes' } },
  });
  const app = new App({ outdir: join(directory, 'cdk.out'), ...IN_PROCESS });
  const webhooks = [{ name: 'checkout', kind: 'standard' as const }];
  new CountermandStack(app, 'Countermand', { connections: ['loja-rio'], webhooks, buildDir, context });
  return app.synth().getStackByName('Countermand').template as Template;
}
