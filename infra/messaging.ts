import { EventBus, Rule } from 'aws-cdk-lib/aws-events';
import { SqsQueue } from 'aws-cdk-lib/aws-events-targets';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { ArnFormat, CfnOutput, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';
import { ENVIRONMENT } from '../functions/runtime/environment.ts';
import { MOST_RECEIVES, type FunctionRow, type QueueName } from './function-row.ts';
import { FUNCTIONS } from './functions.ts';

/** The longest that SQS keeps a message. */
const RETENTION = Duration.days(14);
/** AWS's own rule for queues that trigger functions: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html */
const VISIBILITY_FACTOR = 6;

/** The queues, the bundle's own event bus, and the rule that feeds the command queue from it. */
export class Messaging extends Construct {
  readonly queues: Readonly<Record<QueueName, Queue>>;
  readonly bus: EventBus;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    const deadCommands = this.#queue('DeadCommands', 'dead-commands');
    const commands = this.#queue('Commands', 'commands', {
      visibilityTimeout: Duration.seconds(VISIBILITY_FACTOR * consumerTimeoutSeconds('commands')),
      deadLetterQueue: { queue: deadCommands, maxReceiveCount: MOST_RECEIVES },
    });
    this.queues = { commands, deadCommands, deadOutcomes: this.#queue('DeadOutcomes', 'dead-outcomes') };

    this.bus = new EventBus(this, 'Bus', { eventBusName: Stack.of(this).stackName });
    new Rule(this, 'CancellationRequested', {
      eventBus: this.bus,
      description: 'Puts each OrderCancellationRequested event into the command queue',
      eventPattern: { detailType: ['OrderCancellationRequested'] },
      targets: [new SqsQueue(commands, { deadLetterQueue: deadCommands })],
    });
    new CfnOutput(Stack.of(this), 'CommandQueueUrl', {
      description: 'Send cancel commands to this queue',
      value: commands.queueUrl,
    });
    new CfnOutput(Stack.of(this), 'RedriveCommand', {
      description: 'Moves dead commands back into the command queue',
      // The destination is needed: for a message that a function buried, SQS knows no source queue.
      value: `aws sqs start-message-move-task --source-arn ${deadCommands.queueArn} --destination-arn ${commands.queueArn}`,
    });
    new CfnOutput(Stack.of(this), 'EventBusName', {
      description: 'The event bus that takes cancellation requests and publishes outcomes',
      value: this.bus.eventBusName,
    });
  }

  #queue(id: string, name: string, props: ConstructorParameters<typeof Queue>[2] = {}): Queue {
    return new Queue(this, id, {
      queueName: `${Stack.of(this).stackName}-${name}`,
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: RETENTION,
      removalPolicy: RemovalPolicy.RETAIN,
      ...props,
    });
  }
}

function consumerTimeoutSeconds(queue: QueueName): number {
  const consumer = FUNCTIONS.find(({ trigger }) => trigger.kind === 'queue' && trigger.queue === queue);
  if (consumer === undefined) throw new Error(`infra/functions.ts has no function for the queue ${queue}.`);
  return consumer.timeoutSeconds;
}

const QUEUE_VARIABLES: Readonly<Record<QueueName, string>> = {
  commands: ENVIRONMENT.commandQueueUrl,
  deadCommands: ENVIRONMENT.deadCommandQueueUrl,
  deadOutcomes: ENVIRONMENT.deadOutcomeQueueUrl,
};

/** Returns a function's environment variables for the queues and the bus that its row names. */
export function messagingEnvironment(row: FunctionRow, { queues, bus }: Messaging): Record<string, string> {
  return {
    ...Object.fromEntries((row.queues ?? []).map((name) => [QUEUE_VARIABLES[name], queues[name].queueUrl])),
    ...(row.trigger.kind === 'queue' && { [ENVIRONMENT.mostReceives]: `${MOST_RECEIVES}` }),
    ...(row.publishes && { [ENVIRONMENT.eventBus]: bus.eventBusName }),
  };
}

/** Returns what a row lets its function do with the queues, the bus, and waiting state machines. */
export function messagingPermissions(row: FunctionRow, messaging: Messaging): PolicyStatement[] {
  const triggering = row.trigger.kind === 'queue' ? row.trigger.queue : null;
  const sendsTo = (row.queues ?? []).filter((name) => name !== triggering);
  const statements = sendsTo.map(
    (name) => new PolicyStatement({ actions: ['sqs:SendMessage'], resources: [messaging.queues[name].queueArn] }),
  );
  if (row.publishes) {
    statements.push(new PolicyStatement({ actions: ['events:PutEvents'], resources: [messaging.bus.eventBusArn] }));
  }
  if (row.answersTasks) {
    // Any state machine of the account may wait for an order.
    const resource = Stack.of(messaging).formatArn({
      service: 'states',
      resource: 'stateMachine',
      resourceName: '*',
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    });
    statements.push(
      new PolicyStatement({ actions: ['states:SendTaskSuccess', 'states:SendTaskFailure'], resources: [resource] }),
    );
  }
  return statements;
}
