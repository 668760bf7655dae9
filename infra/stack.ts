import { Stack } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';
import { Api } from './api.ts';
import { EventSources } from './event-sources.ts';
import { FUNCTIONS } from './functions.ts';
import { LambdaFunction } from './lambda-function.ts';
import { Messaging } from './messaging.ts';
import { Schedules } from './schedules.ts';
import { Storage } from './storage.ts';

export interface StackNeeds {
  /** Names of the declared connections. */
  readonly connections: readonly string[];
  /** Where the bundles are (`bundle.ts`). */
  readonly buildDir: string;
}

/** All that is deployed. */
export class CountermandStack extends Stack {
  constructor(scope: Construct, id: string, { connections, buildDir }: StackNeeds) {
    super(scope, id, { description: 'Cancels commerce orders at the systems that hold them, once, and can prove it' });
    const storage = new Storage(this, 'Storage', connections);
    const messaging = new Messaging(this, 'Messaging');
    const functions = FUNCTIONS.map((row) => new LambdaFunction(this, row, { storage, messaging, buildDir }));
    new Api(this, 'Api', functions);
    new EventSources(this, 'EventSources', { functions, storage, messaging });
    new Schedules(this, 'Schedules', functions);
  }
}
