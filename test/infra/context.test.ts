import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { InvalidContext, parseContext } from '../../infra/context.ts';
import { STACK_NAME, synthesise } from '../../infra/synth.ts';
import { allReadmes, blocks } from '../support/readmes.ts';

/** What `run-cancel-task` fails with that another try with the same key would fail with again. */
const FINAL = [
  'OrderNotCancellable',
  'OrderNotFound',
  'OrderWasDeleted',
  'InvalidCommand',
  'UnknownConnection',
  'AccountTurnedAway',
  'InvalidOrderId',
  'NotSupportedByProvider',
  'IdempotencyKeyReused',
];

interface TaskState {
  Resource: string;
  TimeoutSeconds: number;
  Retry: { ErrorEquals: string[] }[];
  Catch: { ErrorEquals: string[]; Next: string }[];
}

type Resource = { Type: string; Properties: Record<string, unknown> };

const CONNECTIONS = { 'loja-rio': { provider: 'estoka', baseUrl: 'https://estoka.example.com', organizationId: 1 } };
const directory = mkdtempSync(join(tmpdir(), 'countermand-context-'));
afterAll(() => {
  rmSync(directory, { recursive: true });
});

async function resourcesWith(name: string, chosen: Record<string, unknown>): Promise<Resource[]> {
  const outdir = join(directory, name);
  const context = parseContext(chosen);
  await synthesise({ connections: CONNECTIONS, buildDir: join(directory, 'build'), outdir, context });
  const template = JSON.parse(readFileSync(join(outdir, `${STACK_NAME}.template.json`), 'utf8')) as {
    Resources: Record<string, Resource>;
  };
  return Object.values(template.Resources);
}
const ofType = (resources: readonly Resource[], type: string) =>
  resources.filter((resource) => resource.Type === type).map(({ Properties }) => Properties);

describe('what an operator may choose', () => {
  const VERSION = '01234567-89ab-cdef-0123-456789abcdef';
  const topic = 'arn:aws:sns:us-east-1:123456789012:pager';
  let chosen: Resource[];
  let plain: Resource[];
  beforeAll(async () => {
    plain = await resourcesWith('plain', {});
    chosen = await resourcesWith('chosen', {
      alarmTopicArn: topic,
      exampleStateMachine: 'true',
      outcomeSubscribers: {
        erp: { url: 'https://erp.example/outcomes', events: ['OrderOperationRefused'], secretVersion: VERSION },
      },
    });
  }, 120_000);

  it('is nothing by default: alarms go nowhere, nobody is posted to', () => {
    const alarms = ofType(plain, 'AWS::CloudWatch::Alarm');
    expect(alarms.length).toBeGreaterThan(8);
    for (const alarm of alarms) {
      expect(alarm['AlarmActions']).toBeUndefined();
      expect(String(alarm['AlarmDescription']).length).toBeGreaterThan(40);
    }
    expect(ofType(plain, 'AWS::Events::ApiDestination')).toEqual([]);
    expect(ofType(plain, 'AWS::StepFunctions::StateMachine')).toEqual([]);
  });

  it('has an alarm for what a person has to look at, fed by the codes that functions log', () => {
    const patterns = ofType(plain, 'AWS::Logs::MetricFilter').map(({ FilterPattern }) => String(FilterPattern));
    const alarms = ofType(plain, 'AWS::CloudWatch::Alarm');
    const metrics = alarms.map(({ MetricName }) => MetricName);
    const codes = [
      'OPERATION_NEEDS_ATTENTION',
      'CONNECTION_NEEDS_REAUTH',
      'CONTRADICTION_FOUND',
      'WATCH_FAILED',
      'UNPAID_RUN_FAILED',
      'SETTLE_CONNECTION_FAILED',
      'WEBHOOK_ORDER_ID_MISSING',
      'WEBHOOK_ORDER_ID_NOT_SEARCHED',
    ];
    for (const code of codes) {
      expect(patterns).toContain(`{ $.message = "${code}" }`);
      expect(metrics).toContain(code);
    }
    expect(metrics).toEqual(expect.arrayContaining(['IteratorAge', 'Errors', 'Invocations']));
    const queues = alarms
      .filter(({ MetricName }) => MetricName === 'ApproximateNumberOfMessagesVisible')
      .map(({ Dimensions }) => JSON.stringify(Dimensions));
    expect(queues.sort()).toEqual([expect.stringMatching(/[dD]eadCommands/), expect.stringMatching(/[dD]eadOutcomes/)]);
  });

  it('sends alarms to a topic', () => {
    for (const alarm of ofType(chosen, 'AWS::CloudWatch::Alarm')) expect(alarm['AlarmActions']).toEqual([topic]);
  });

  it('posts outcomes to an HTTPS endpoint, and keeps what it does not take', () => {
    expect(ofType(chosen, 'AWS::Events::ApiDestination')).toMatchObject([
      { InvocationEndpoint: 'https://erp.example/outcomes', HttpMethod: 'POST' },
    ]);
    const [rule] = ofType(chosen, 'AWS::Events::Rule').filter((one) => JSON.stringify(one).includes('erp'));
    expect(rule).toMatchObject({
      EventPattern: { source: ['countermand'], 'detail-type': ['OrderOperationRefused'] },
      Targets: [{ DeadLetterConfig: { Arn: expect.anything() } }],
    });
    // With its version, or a rotated secret would never be read again.
    expect(JSON.stringify(ofType(chosen, 'AWS::Events::Connection'))).toMatch(
      new RegExp(`resolve:secretsmanager:.*:SecretString:::${VERSION}`),
    );
  });

  describe('a state machine that waits for a proven outcome', () => {
    let task: TaskState;
    let states: Record<string, { Type: string }>;
    beforeAll(() => {
      const [machine] = ofType(chosen, 'AWS::StepFunctions::StateMachine');
      const { 'Fn::Join': parts } = machine?.['DefinitionString'] as { 'Fn::Join': [string, unknown[]] };
      const definition = parts[1].map((part) => (typeof part === 'string' ? part : 'the-function')).join('');
      ({ States: states } = JSON.parse(definition) as { States: typeof states });
      task = states['CancelAndWait'] as unknown as TaskState;
    });
    const fateOf = (error: string) =>
      task.Catch.find(({ ErrorEquals }) => ErrorEquals.includes(error) || ErrorEquals.includes('States.ALL'))?.Next ??
      '';
    const retried = () => task.Retry.flatMap(({ ErrorEquals }) => ErrorEquals);

    it('asks with its execution’s id, and gives up when an operation must have been parked', () => {
      expect(task.Resource).toMatch(/lambda:invoke\.waitForTaskToken$/);
      expect(JSON.stringify(task)).toContain('$$.Execution.Id');
      expect(task.TimeoutSeconds).toBeGreaterThan(72 * 3600);
    });

    it('asks again for whatever is Lambda’s own failure, and never for what is final or takes its time', () => {
      // https://docs.aws.amazon.com/step-functions/latest/dg/bp-lambda-serviceexception.html
      expect(retried()).toEqual(
        expect.arrayContaining([
          'Lambda.ClientExecutionTimeoutException',
          'Lambda.ServiceException',
          'Lambda.AWSLambdaException',
          'Lambda.SdkClientException',
          'Lambda.TooManyRequestsException',
          'Lambda.Unknown',
          'Sandbox.Timedout',
        ]),
      );
      for (const error of [...FINAL, 'States.Timeout', 'States.ALL']) expect(retried()).not.toContain(error);
    });

    it('tells what is final from what nobody knows', () => {
      const unknown = fateOf('States.ALL');
      expect(states[unknown]?.Type).toBe('Fail');
      for (const error of FINAL) expect([error, fateOf(error)]).not.toEqual([error, unknown]);
      for (const error of [...retried(), 'States.Timeout', 'OperationNeedsAttention'])
        expect([error, fateOf(error)]).toEqual([error, unknown]);
      // What is wrong with the ask is not the provider's no.
      expect(fateOf('InvalidCommand')).not.toBe(fateOf('OrderNotCancellable'));
    });

    it('is in agreement with the READMEs: their block, and what they say is final', () => {
      const [text = '{}'] = blocks('json task');
      const block = JSON.parse(text) as TaskState;
      expect(block.Catch).toEqual(task.Catch);
      // Without a token nobody waits, and the task itself comes back to see how it ended.
      const names = new Set(block.Retry.flatMap(({ ErrorEquals }) => ErrorEquals));
      for (const error of ['OutcomeUnknown', 'OutcomePending', 'States.Timeout']) {
        expect([error, names.delete(error)]).toEqual([error, true]);
      }
      expect([...names].sort()).toEqual(
        retried()
          .filter((error) => error !== 'TaskNotAnswered')
          .sort(),
      );
      const [, said = ''] = /^\| final \| (.*) \|$/m.exec(allReadmes()) ?? [];
      expect([...said.matchAll(/`(\w+)`/g)].map(([, name]) => name).sort()).toEqual([...FINAL].sort());
    });
  });

  it.each([
    ['alarmTopic', /^The context .* cannot be used: alarmTopic: is not known here; is alarmTopicArn meant\?$/],
    ['alarmTopicARN', /alarmTopicARN: .*is alarmTopicArn meant/],
    ['outcomeSubscriber', /is outcomeSubscribers meant/],
    ['exampleStatemachine', /is exampleStateMachine meant/],
    ['conections', /is connections meant/],
    ['pager', /^The context .*: pager: is not known here; known are alarmTopicArn, .*webhooks$/],
  ])('is refused by its name where nothing is chosen by it: %s', (name, said) => {
    expect(() => parseContext({ [name]: topic })).toThrow(said);
  });

  it('stands beside what the CDK keeps in the context', () => {
    const ofTheCdk = ['@aws-cdk/core:newStyleStackSynthesis', 'aws:cdk:bundling-stacks', 'cli-telemetry'];
    const lookedUp = ['availability-zones:account=123456789012:region=us-east-1', 'acknowledged-issue-numbers'];
    expect(() =>
      parseContext(Object.fromEntries([...ofTheCdk, ...lookedUp].map((name) => [name, true]))),
    ).not.toThrow();
  });

  it('is named as a whole where several things are wrong', () => {
    const parse = () =>
      parseContext({
        alarmTopicArn: 5,
        outcomeSubscribers: { erp: {}, crm: { url: 'https://crm.example', heder: 'x' } },
      });
    expect(parse).toThrow(/alarmTopicArn: must be a text\n.*erp\.url: is missing\n.*crm\.heder: is not a field/s);
  });

  it.each([
    ['alarmTopicArn', 'pager', /alarmTopicArn: .*ARN/],
    ['outcomeSubscribers', { erp: { url: 'http://erp.example' } }, /outcomeSubscribers\.erp\.url: .*https/],
    ['outcomeSubscribers', { erp: { url: 'https://erp.example', events: ['Other'] } }, /erp\.events\.0/],
    ['outcomeSubscribers', { 'My ERP': { url: 'https://erp.example' } }, /My ERP/],
    ['exampleStateMachine', 'yes', /exampleStateMachine/],
  ])('names what is wrong in %s', (field, value, named) => {
    const parse = () => parseContext({ [field]: value });
    expect(parse).toThrow(InvalidContext);
    expect(parse).toThrow(named);
  });
});
