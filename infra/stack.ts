import { Stack } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';
import { Alarms } from './alarms.ts';
import { Api } from './api.ts';
import type { Context } from './context.ts';
import { EventSources } from './event-sources.ts';
import { ExampleStateMachine } from './example-state-machine.ts';
import { FUNCTIONS } from './functions.ts';
import { LambdaFunction } from './lambda-function.ts';
import { Messaging } from './messaging.ts';
import { Schedules } from './schedules.ts';
import { Storage, type DeclaredWebhook } from './storage.ts';
import { Subscribers } from './subscribers.ts';

export interface StackNeeds {
  /** Names of the declared connections. */
  readonly connections: readonly string[];
  readonly webhooks: readonly DeclaredWebhook[];
  /** Where the bundles are (`bundle.ts`). */
  readonly buildDir: string;
  /** The operator's settings. */
  readonly context: Context;
}

/** Everything that is deployed. */
export class CountermandStack extends Stack {
  constructor(scope: Construct, id: string, { connections, webhooks, buildDir, context }: StackNeeds) {
    super(scope, id, { description: 'Cancels commerce orders at the systems that hold them, once, and can prove it' });
    const storage = new Storage(this, 'Storage', { connections, webhooks });
    const messaging = new Messaging(this, 'Messaging');
    const functions = FUNCTIONS.map((row) => new LambdaFunction(this, row, { storage, messaging, buildDir }));
    new Api(this, 'Api', functions);
    new EventSources(this, 'EventSources', { functions, storage, messaging });
    new Schedules(this, 'Schedules', functions);
    new Subscribers(this, 'Subscribers', { subscribers: context.outcomeSubscribers, messaging });
    new Alarms(this, 'Alarms', { functions, messaging, topicArn: context.alarmTopicArn });
    if (context.exampleStateMachine) new ExampleStateMachine(this, 'ExampleStateMachine', functions);
  }
}
