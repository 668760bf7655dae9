import { Stack } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';
import { Api } from './api.ts';
import { FUNCTIONS } from './functions.ts';
import { LambdaFunction } from './lambda-function.ts';
import { Schedules } from './schedules.ts';
import { Storage, type DeclaredWebhook } from './storage.ts';

export interface StackNeeds {
  /** Names of the declared connections. */
  readonly connections: readonly string[];
  readonly webhooks: readonly DeclaredWebhook[];
  /** Where the bundles are (`bundle.ts`). */
  readonly buildDir: string;
}

/** All that is deployed. */
export class CountermandStack extends Stack {
  constructor(scope: Construct, id: string, { connections, webhooks, buildDir }: StackNeeds) {
    super(scope, id, { description: 'Cancels commerce orders at the systems that hold them, once, and can prove it' });
    const storage = new Storage(this, 'Storage', { connections, webhooks });
    const functions = FUNCTIONS.map((row) => new LambdaFunction(this, row, { storage, buildDir }));
    new Api(this, 'Api', functions);
    new Schedules(this, 'Schedules', functions);
  }
}
