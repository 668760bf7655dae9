import { App } from 'aws-cdk-lib/core';
import { buildStack } from './synth.ts';

/** What `cdk synth` and `cdk deploy` run (`cdk.json`). */
async function main(): Promise<void> {
  const app = new App();
  const context = (name: string): unknown => app.node.tryGetContext(name);
  await buildStack(app, { connections: context('connections'), webhooks: context('webhooks'), buildDir: '.build' });
  app.synth();
}

if (import.meta.main) await main();
