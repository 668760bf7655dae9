import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { EventSourceMapping, StartingPosition } from 'aws-cdk-lib/aws-lambda';
import { SqsDlq, SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import { Duration } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';
import type { LambdaFunction } from './lambda-function.ts';
import type { Messaging } from './messaging.ts';
import type { Storage } from './storage.ts';

interface EventSourcesNeeds {
  readonly functions: readonly LambdaFunction[];
  readonly storage: Storage;
  readonly messaging: Messaging;
}

/** Connects the functions whose rows name a queue or the ledger's stream to these sources. */
export class EventSources extends Construct {
  constructor(scope: Construct, id: string, { functions, storage, messaging }: EventSourcesNeeds) {
    super(scope, id);
    for (const lambda of functions) {
      const { trigger } = lambda.row;
      if (trigger.kind === 'queue') {
        lambda.function.addEventSource(
          new SqsEventSource(messaging.queues[trigger.queue], {
            batchSize: trigger.batchSize,
            maxConcurrency: trigger.containers,
            reportBatchItemFailures: true,
          }),
        );
      }
      if (trigger.kind === 'stream') this.#ledgerStream(lambda, storage, messaging);
    }
  }

  /**
   * The function itself buries dead records. If it crashes on one anyway, the batch is halved until that record is alone, and the record
   * is given up after half a day: a shard keeps its records for only one day.
   */
  #ledgerStream({ row, function: target }: LambdaFunction, storage: Storage, { queues }: Messaging): void {
    const { tableStreamArn } = storage.tables.ledger;
    if (tableStreamArn === undefined) throw new Error('infra/storage.ts: the ledger has no stream.');
    // Written by hand, because the CDK's own grant has a wildcard.
    target.addToRolePolicy(
      new PolicyStatement({
        actions: ['DescribeStream', 'GetRecords', 'GetShardIterator', 'ListStreams'].map((name) => `dynamodb:${name}`),
        resources: [tableStreamArn],
      }),
    );
    new EventSourceMapping(this, row.name, {
      target,
      eventSourceArn: tableStreamArn,
      startingPosition: StartingPosition.TRIM_HORIZON,
      batchSize: 100,
      reportBatchItemFailures: true,
      bisectBatchOnError: true,
      maxRecordAge: Duration.hours(12),
      onFailure: new SqsDlq(queues.deadOutcomes),
    });
  }
}
