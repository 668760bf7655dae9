import {
  Choice,
  Condition,
  Errors,
  Fail,
  StateMachine,
  Succeed,
  TaskInput,
  Timeout,
} from 'aws-cdk-lib/aws-stepfunctions';
import { DefinitionBody, IntegrationPattern, JsonPath } from 'aws-cdk-lib/aws-stepfunctions';
import { LambdaInvoke } from 'aws-cdk-lib/aws-stepfunctions-tasks';
import { CfnOutput, Duration, Stack } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';
import type { LambdaFunction } from './lambda-function.ts';

/**
 * A state machine that cancels an order and waits until its outcome is proven, for up to 96 hours. Its input is
 * `{"connection": "…", "orderId": "…"}`. The execution's id identifies the command, so a retried step opens no new operation.
 */
export class ExampleStateMachine extends Construct {
  constructor(scope: Construct, id: string, functions: readonly LambdaFunction[]) {
    super(scope, id);
    const task = functions.find(({ row }) => row.name === 'run-cancel-task');
    if (task === undefined) throw new Error('infra/functions.ts has no run-cancel-task.');

    const cancel = new LambdaInvoke(this, 'CancelAndWait', {
      lambdaFunction: task.function,
      integrationPattern: IntegrationPattern.WAIT_FOR_TASK_TOKEN,
      payload: TaskInput.fromObject({
        connection: JsonPath.stringAt('$.connection'),
        orderId: JsonPath.stringAt('$.orderId'),
        idempotencyKey: JsonPath.stringAt('$$.Execution.Id'),
        taskToken: JsonPath.taskToken,
      }),
      // Longer than an operation may stay open before it is parked for a person (72 hours).
      taskTimeout: Timeout.duration(Duration.hours(96)),
      // Lambda's own passing failures, as AWS lists them:
      // https://docs.aws.amazon.com/step-functions/latest/dg/bp-lambda-serviceexception.html
      retryOnServiceExceptions: true,
    });
    cancel.addRetry({
      errors: [
        'OperationInProgress',
        'LedgerUnavailable',
        'TaskNotAnswered',
        'Lambda.TooManyRequestsException',
        // The function crashed or ran out of time. Its ask is in the ledger.
        'Lambda.Unknown',
        'Sandbox.Timedout',
      ],
      interval: Duration.seconds(2),
      maxAttempts: 6,
      backoffRate: 3,
    });
    cancel.addCatch(new Succeed(this, 'NoSuchOrder'), { errors: ['OrderNotFound', 'OrderWasDeleted'] });
    cancel.addCatch(this.#failed('ShipItAfterAll', 'The provider refused to cancel the order.'), {
      errors: ['OrderNotCancellable'],
    });
    cancel.addCatch(this.#failed('TheAskIsWrong', 'The ask is wrong. The provider was not asked to cancel.'), {
      errors: [
        'InvalidCommand',
        'UnknownConnection',
        'AccountTurnedAway',
        'InvalidOrderId',
        'NotSupportedByProvider',
        'IdempotencyKeyReused',
      ],
    });
    cancel.addCatch(this.#failed('APersonHasToLook', 'It is not known whether the order is cancelled.'), {
      errors: [Errors.ALL],
    });
    const end = new Choice(this, 'IsItCancelled')
      .when(Condition.stringEquals('$.outcome', 'confirmed'), new Succeed(this, 'Cancelled'))
      .otherwise(new Fail(this, 'NotCancelled'));
    const machine = new StateMachine(this, 'CancelOrder', {
      definitionBody: DefinitionBody.fromChainable(cancel.next(end)),
    });
    new CfnOutput(Stack.of(this), 'ExampleStateMachineArn', { value: machine.stateMachineArn });
  }

  /** A failed end, which shows the error and its message to the person who started the execution. */
  #failed(id: string, comment: string): Fail {
    return new Fail(this, id, { comment, errorPath: '$.Error', causePath: '$.Cause' });
  }
}
