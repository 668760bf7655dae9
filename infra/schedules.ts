import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction as FunctionTarget } from 'aws-cdk-lib/aws-events-targets';
import { Duration } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';
import type { LambdaFunction } from './lambda-function.ts';

/** A rule for each function whose row has a schedule. */
export class Schedules extends Construct {
  constructor(scope: Construct, id: string, functions: readonly LambdaFunction[]) {
    super(scope, id);
    for (const { row, function: handler } of functions) {
      if (row.trigger.kind !== 'schedule') continue;
      new Rule(this, row.name, {
        description: row.purpose,
        schedule: Schedule.rate(Duration.minutes(row.trigger.everyMinutes)),
        // An event that could not be delivered is not repeated either (see lambda-function.ts).
        targets: [new FunctionTarget(handler, { retryAttempts: 0, maxEventAge: Duration.minutes(1) })],
      });
    }
  }
}
