import { App } from 'aws-cdk-lib/core';
import { parseContext } from './context.ts';
import { buildStack } from './synth.ts';

/** What `cdk synth` and `cdk deploy` run (`cdk.json`). */
async function main(): Promise<void> {
  const app = new App();
  const read = (name: string): unknown => app.node.tryGetContext(name);
  const declared = { connections: read('connections'), webhooks: read('webhooks') };
  await buildStack(app, { ...declared, buildDir: '.build', context: parseContext(read) });
  app.synth();
}

if (import.meta.main) await main();
