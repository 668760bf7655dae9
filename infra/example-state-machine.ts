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
 * A state machine that cancels an order and waits until its outcome is proven, however long that takes. Its input is
 * `{"connection": "…", "orderId": "…"}`. The execution is the command's identity, so a step that is retried asks for nothing new.
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
        // The function crashed, or had no time left: what it asked for stands in the ledger.
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
    cancel.addCatch(this.#failed('TheAskIsWrong', 'Nothing was asked of the provider.'), {
      errors: [
        'InvalidCommand',
        'UnknownConnection',
        'AccountTurnedAway',
        'InvalidOrderId',
        'NotSupportedByProvider',
        'IdempotencyKeyReused',
      ],
    });
    cancel.addCatch(this.#failed('APersonHasToLook', 'It may be cancelled, and what became of it is not known.'), {
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

  /** An end that whoever started the execution sees, with the error and its words. */
  #failed(id: string, comment: string): Fail {
    return new Fail(this, id, { comment, errorPath: '$.Error', causePath: '$.Cause' });
  }
}
