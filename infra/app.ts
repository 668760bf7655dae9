import { App } from 'aws-cdk-lib/core';
import { buildStack } from './synth.ts';

/** What `cdk synth` and `cdk deploy` run (`cdk.json`). */
async function main(): Promise<void> {
  const app = new App();
  await buildStack(app, { connections: app.node.tryGetContext('connections'), buildDir: '.build' });
  app.synth();
}

if (import.meta.main) await main();
