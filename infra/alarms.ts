import { Alarm, ComparisonOperator, Metric, TreatMissingData, type IMetric } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { FilterPattern, MetricFilter } from 'aws-cdk-lib/aws-logs';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { Duration, Stack } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';
import type { LogCode } from '../functions/runtime/log-codes.ts';
import type { LambdaFunction } from './lambda-function.ts';
import type { Messaging } from './messaging.ts';

interface AlarmsNeeds {
  readonly functions: readonly LambdaFunction[];
  readonly messaging: Messaging;
  readonly topicArn: string | undefined;
}

interface Watched {
  readonly metric: IMetric;
  /** What is wrong, and what to do next. */
  readonly description: string;
  readonly threshold?: number;
  /** How many periods in a row must be over the threshold. */
  readonly periods?: number;
  /** The alarm fires when nothing is measured. */
  readonly missingIsWrong?: true;
}

/** One alarm for each thing that a person has to look at. Each says what to do. */
export class Alarms extends Construct {
  readonly #functions: readonly LambdaFunction[];
  readonly #action: SnsAction | null;

  constructor(scope: Construct, id: string, { functions, messaging, topicArn }: AlarmsNeeds) {
    super(scope, id);
    this.#functions = functions;
    this.#action = topicArn === undefined ? null : new SnsAction(Topic.fromTopicArn(this, 'Topic', topicArn));

    this.#alarm('NeedsAttention', {
      metric: this.#logged('OPERATION_NEEDS_ATTENTION'),
      description:
        'An operation was parked. Find it with GET /v1/operations?outcome=needs_attention and resolve the order at the provider.',
    });
    this.#alarm('NeedsReauth', {
      metric: this.#logged('CONNECTION_NEEDS_REAUTH'),
      description:
        'A provider rejects a credential. GET /v1/connections shows of which connection. Put a new credential into its secret.',
    });
    this.#alarm('ProviderSupplanted', {
      metric: this.#logged('PROVIDER_SUPPLANTED', 'settle-operations'),
      description:
        'For ten minutes something else, such as a firewall or a CDN, has answered in place of a provider. The log of settle-operations has ' +
        'the connection and the HTTP status. Make the firewall or CDN let the calls through; if the status is 401, also check the credential.',
      periods: 2,
    });
    this.#alarm('TurnedAway', {
      metric: this.#logged('CONNECTION_TURNED_AWAY'),
      description:
        'A connection is not used, because its account has another name or its name another account. The log says which, and what to do.',
    });
    this.#alarm('Contradictions', {
      metric: this.#logged('CONTRADICTION_FOUND', 'watch-contradictions'),
      description:
        'An order that is confirmed as cancelled is active, shipped or gone at its provider. The log and the event bus say which order.',
    });
    this.#alarm('WatchFails', {
      metric: this.#logged('WATCH_FAILED', 'watch-contradictions'),
      description:
        'The confirmed cancels of a connection could not be read back, or a contradiction could not be published. The log of watch-contradictions says why.',
    });
    this.#alarm('UnpaidOrdersNotGoneThrough', {
      metric: this.#logged('UNPAID_RUN_FAILED', 'cancel-unpaid-orders'),
      description:
        'A run over the unpaid orders of a connection failed. The log of cancel-unpaid-orders says why. The next run tries again.',
    });
    this.#alarm('DeadCommands', {
      metric: messaging.queues.deadCommands.metricApproximateNumberOfMessagesVisible({ statistic: 'Maximum' }),
      description:
        'Commands could not be carried out. Each message has its reason as an attribute. Fix it, then redrive the queue.',
    });
    this.#alarm('DeadOutcomes', {
      metric: messaging.queues.deadOutcomes.metricApproximateNumberOfMessagesVisible({ statistic: 'Maximum' }),
      description:
        'Outcomes could not be published, delivered to a subscriber, or sent to a task. The ledger has them: read the orders that the messages name.',
    });
    this.#settler();
    for (const lambda of functions) {
      if (lambda.row.trigger.kind !== 'stream') continue;
      this.#alarm(`Late-${lambda.row.name}`, {
        metric: lambda.function.metric('IteratorAge', { statistic: 'Maximum', period: Duration.minutes(5) }),
        description: `${lambda.row.name} is more than 15 minutes behind the ledger. At 24 hours behind, records are lost. Its log says why.`,
        threshold: 15 * 60_000,
      });
    }
  }

  #settler(): void {
    const settler = this.#functions.find(({ row }) => row.name === 'settle-operations');
    if (settler === undefined) throw new Error('infra/functions.ts has no settler.');
    this.#alarm('SettlerFails', {
      metric: settler.function.metricErrors({ period: Duration.minutes(5) }),
      description:
        'Whole runs of the settler fail, so open operations stay open. The log of settle-operations says why.',
      periods: 3,
    });
    this.#alarm('SettlerLeavesConnections', {
      metric: this.#logged('SETTLE_CONNECTION_FAILED'),
      description: 'The open operations of a connection cannot be settled. The log of settle-operations says why.',
      periods: 3,
    });
    this.#alarm('OperationsUnreadable', {
      metric: this.#logged('OPERATIONS_UNREADABLE', 'settle-operations'),
      description:
        'Another version of Countermand wrote open operations that this version cannot read. Their orders wait. Deploy that version again.',
    });
    this.#alarm('ShopOrdersWithoutId', {
      metric: this.#logged('WEBHOOK_ORDER_ID_MISSING'),
      description:
        "A shop cancelled an order, but no provider's order id was found in it. The log of receive-shopify-webhook has its name: cancel it by hand.",
    });
    this.#alarm('ShopOrdersNotSearched', {
      metric: this.#logged('WEBHOOK_ORDER_ID_NOT_SEARCHED', 'receive-shopify-webhook'),
      description:
        'A shop cancelled an order, but its text is too long to search for the order id. The log of receive-shopify-webhook has its name: cancel it by hand.',
    });
    this.#alarm('SettlerStands', {
      metric: settler.function.metricInvocations({ period: Duration.minutes(15) }),
      description: 'settle-operations did not run for 15 minutes. Is its schedule rule enabled?',
      missingIsWrong: true,
    });
  }

  /** Counts how often functions logged the code. `only`: the one function that can log it. */
  #logged(code: LogCode, only?: string): IMetric {
    const metricNamespace = Stack.of(this).stackName;
    for (const { row, logGroup } of this.#functions) {
      // Only functions that work on operations or take webhooks can log it.
      if (row.connections !== 'credentials' && row.webhooks === undefined) continue;
      if (only !== undefined && row.name !== only) continue;
      new MetricFilter(this, `${code}-${row.name}`, {
        logGroup,
        filterPattern: FilterPattern.stringValue('$.message', '=', code),
        metricNamespace,
        metricName: code,
      });
    }
    return new Metric({ namespace: metricNamespace, metricName: code, statistic: 'Sum', period: Duration.minutes(5) });
  }

  #alarm(id: string, { metric, description, threshold = 1, periods = 1, missingIsWrong }: Watched): void {
    const alarm = new Alarm(this, id, {
      metric,
      alarmDescription: description,
      threshold,
      evaluationPeriods: periods,
      comparisonOperator: missingIsWrong
        ? ComparisonOperator.LESS_THAN_THRESHOLD
        : ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      treatMissingData: missingIsWrong ? TreatMissingData.BREACHING : TreatMissingData.NOT_BREACHING,
    });
    if (this.#action !== null) alarm.addAlarmAction(this.#action);
  }
}
