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
  /** Of so many periods in a row. */
  readonly periods?: number;
  /** That nothing is measured is what is wrong. */
  readonly missingIsWrong?: true;
}

/** An alarm for each thing that a person has to look at. Each says what to do. */
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
        'An operation was parked. Find it with GET /v1/operations?outcome=needs_attention and end it at the provider.',
    });
    this.#alarm('NeedsReauth', {
      metric: this.#logged('CONNECTION_NEEDS_REAUTH'),
      description: 'A provider rejects a credential. GET /v1/connections says whose; put a new one into its secret.',
    });
    this.#alarm('ProviderSupplanted', {
      metric: this.#logged('PROVIDER_SUPPLANTED', 'settle-operations'),
      description:
        "For ten minutes something on the way has answered in a provider's place. The log of settle-operations has the connection and the HTTP " +
        'status: let its firewall or CDN take the calls; where it is 401, try the credential, too.',
      periods: 2,
    });
    this.#alarm('TurnedAway', {
      metric: this.#logged('CONNECTION_TURNED_AWAY'),
      description:
        'A connection is not used: its account has another name, or its name another account. The log says which, and what to do.',
    });
    this.#alarm('Contradictions', {
      metric: this.#logged('CONTRADICTION_FOUND', 'watch-contradictions'),
      description: 'An order that is confirmed as cancelled is active, shipped or gone. The log and the bus say which.',
    });
    this.#alarm('WatchFails', {
      metric: this.#logged('WATCH_FAILED', 'watch-contradictions'),
      description:
        'The confirmed cancels of a connection could not be read back, or what was found could not be published. The log of watch-contradictions has why.',
    });
    this.#alarm('UnpaidOrdersNotGoneThrough', {
      metric: this.#logged('UNPAID_RUN_FAILED', 'cancel-unpaid-orders'),
      description:
        'The unpaid orders of a connection could not be gone through. The log of cancel-unpaid-orders has why; the next run takes them up.',
    });
    this.#alarm('DeadCommands', {
      metric: messaging.queues.deadCommands.metricApproximateNumberOfMessagesVisible({ statistic: 'Maximum' }),
      description:
        'Commands could not be carried out. Each has its reason as an attribute; put it right and redrive the queue.',
    });
    this.#alarm('DeadOutcomes', {
      metric: messaging.queues.deadOutcomes.metricApproximateNumberOfMessagesVisible({ statistic: 'Maximum' }),
      description:
        'Outcomes could not be published, delivered, or told to a task. The ledger has them: read the orders that the messages name.',
    });
    this.#settler();
    for (const lambda of functions) {
      if (lambda.row.trigger.kind !== 'stream') continue;
      this.#alarm(`Late-${lambda.row.name}`, {
        metric: lambda.function.metric('IteratorAge', { statistic: 'Maximum', period: Duration.minutes(5) }),
        description: `${lambda.row.name} is behind the ledger by more than 15 minutes. A day behind, records are lost.`,
        threshold: 15 * 60_000,
      });
    }
  }

  #settler(): void {
    const settler = this.#functions.find(({ row }) => row.name === 'settle-operations');
    if (settler === undefined) throw new Error('infra/functions.ts has no settler.');
    this.#alarm('SettlerFails', {
      metric: settler.function.metricErrors({ period: Duration.minutes(5) }),
      description: 'Settling fails as a whole: what is open stays open. The log of settle-operations has why.',
      periods: 3,
    });
    this.#alarm('SettlerLeavesConnections', {
      metric: this.#logged('SETTLE_CONNECTION_FAILED'),
      description: 'The open operations of a connection cannot be settled. The log of settle-operations has why.',
      periods: 3,
    });
    this.#alarm('OperationsUnreadable', {
      metric: this.#logged('OPERATIONS_UNREADABLE', 'settle-operations'),
      description:
        'Open operations were written by another version of Countermand, and this one cannot read them: their orders wait. Deploy that version again.',
    });
    this.#alarm('ShopOrdersWithoutId', {
      metric: this.#logged('WEBHOOK_ORDER_ID_MISSING'),
      description:
        'A shop cancelled an order in which no order id was found. The log of receive-shopify-webhook has its name: cancel it by hand.',
    });
    this.#alarm('ShopOrdersNotSearched', {
      metric: this.#logged('WEBHOOK_ORDER_ID_NOT_SEARCHED', 'receive-shopify-webhook'),
      description:
        'A shop cancelled an order whose text was too much to search for its order id. The log of receive-shopify-webhook has its name: cancel it by hand.',
    });
    this.#alarm('SettlerStands', {
      metric: settler.function.metricInvocations({ period: Duration.minutes(15) }),
      description: 'Nothing was settled for 15 minutes: is the rule of settle-operations enabled?',
      missingIsWrong: true,
    });
  }

  /** How often functions logged the code; `only`: the one that can. */
  #logged(code: LogCode, only?: string): IMetric {
    const metricNamespace = Stack.of(this).stackName;
    for (const { row, logGroup } of this.#functions) {
      // Only those that work on operations, or take webhooks, can log it.
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
