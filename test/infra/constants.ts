import { LONGEST_MS } from '../../functions/exports/run-export.ts';
import { EVENTS_AT_ONCE } from '../../functions/outbox/event-bus.ts';
import { MOST_RECEIVES } from '../../infra/function-row.ts';
import { FUNCTIONS } from '../../infra/functions.ts';
import { CLOCK_SKEW_MS } from '../simulation/world.ts';

const DAY_S = 24 * 3_600;
const DAY_MS = DAY_S * 1_000;

/** A path below a resource type (`SQS::Queue.VisibilityTimeout`; `[]` for each of a list), the values that stand there, and why. */
type Row = [path: string, values: (number | boolean)[], why: string];

const queueConsumer = FUNCTIONS.find(({ trigger }) => trigger.kind === 'queue');

/** Every number and every yes or no of the template. Where the code depends on one, or it on the code, the code says what it has to be. */
export const ROWS: Row[] = [
  ['ApiGatewayV2::Authorizer.AuthorizerResultTtlInSeconds', [0], 'a revoked token is refused at once'],
  ['ApiGatewayV2::Authorizer.EnableSimpleResponses', [true], 'the authorizer answers `isAuthorized`, not a policy'],
  ['ApiGatewayV2::Stage.AutoDeploy', [true], 'a route of a new version is there without a deployment of its own'],
  ['ApiGatewayV2::Stage.DefaultRouteSettings.ThrottlingRateLimit', [100], 'a tenth of an account’s 1,000 invocations'],
  [
    'ApiGatewayV2::Stage.DefaultRouteSettings.ThrottlingBurstLimit',
    [200],
    'a page of orders that is cancelled at once',
  ],
  ['DynamoDB::Table.DeletionProtectionEnabled', [true], 'what happened is never deleted'],
  ['DynamoDB::Table.PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled', [true], 'nor lost by mistake'],
  ['DynamoDB::Table.TimeToLiveSpecification.Enabled', [true], 'keys, answered tasks and ended jobs are forgotten'],
  ['Events::ApiDestination.InvocationRateLimitPerSecond', [50], 'a subscriber is not stormed after an outage'],
  [
    'Events::Rule.Targets[].RetryPolicy.MaximumEventAgeInSeconds',
    [60, DAY_S],
    'a late run only piles up; a subscriber’s outcome is tried for a day',
  ],
  [
    'Events::Rule.Targets[].RetryPolicy.MaximumRetryAttempts',
    [0, 185],
    'the next run does what one left; 185 is all that EventBridge has',
  ],
  ['Lambda::EventInvokeConfig.MaximumEventAgeInSeconds', [60], 'as the rules’ own'],
  ['Lambda::EventInvokeConfig.MaximumRetryAttempts', [0], 'as the rules’ own'],
  [
    'Lambda::EventSourceMapping.BatchSize',
    [10, 10 * EVENTS_AT_ONCE],
    'all that SQS gives; ten full requests to the bus',
  ],
  ['Lambda::EventSourceMapping.BisectBatchOnFunctionError', [true], 'a record that crashes the function ends up alone'],
  ['Lambda::EventSourceMapping.MaximumRecordAgeInSeconds', [DAY_S / 2], 'given up before the stream’s day is over'],
  ['Lambda::EventSourceMapping.ScalingConfig.MaximumConcurrency', [2], 'the least that AWS takes: four calls at once'],
  ['Lambda::Function.Environment.Variables.CLOCK_SKEW_SECONDS', [CLOCK_SKEW_MS / 1_000], 'what the simulation proves'],
  [
    'Lambda::Function.Environment.Variables.COMMAND_MOST_RECEIVES',
    [MOST_RECEIVES],
    'the consumer gives up, with a reason',
  ],
  ['Lambda::Function.MemorySize', [512], 'CPU comes with memory; the README’s times are measured with it'],
  [
    'Lambda::Function.Timeout',
    [...new Set(FUNCTIONS.map(({ timeoutSeconds }) => timeoutSeconds))].sort((a, b) => a - b),
    'as the rows say',
  ],
  ['Logs::LogGroup.RetentionInDays', [90], 'as long as a daily export is kept'],
  ['Logs::MetricFilter.MetricTransformations[].MetricValue', [1], 'a line in the log counts once'],
  ['S3::Bucket.LifecycleConfiguration.Rules[].ExpirationInDays', [2, 3, 91], 'see below'],
  [
    'S3::Bucket.LifecycleConfiguration.Rules[].AbortIncompleteMultipartUpload.DaysAfterInitiation',
    [LONGEST_MS / DAY_MS],
    'no export is worked on for longer',
  ],
  ['S3::Bucket.PublicAccessBlockConfiguration.BlockPublicAcls', [true], 'customers’ data'],
  ['S3::Bucket.PublicAccessBlockConfiguration.BlockPublicPolicy', [true], 'customers’ data'],
  ['S3::Bucket.PublicAccessBlockConfiguration.IgnorePublicAcls', [true], 'customers’ data'],
  ['S3::Bucket.PublicAccessBlockConfiguration.RestrictPublicBuckets', [true], 'customers’ data'],
  ['SQS::Queue.MessageRetentionPeriod', [14 * DAY_S], 'all that SQS has: a person may be on holiday'],
  ['SQS::Queue.RedrivePolicy.maxReceiveCount', [MOST_RECEIVES], 'as its consumer is told'],
  ['SQS::Queue.SqsManagedSseEnabled', [true], 'notes may be personal'],
  ['SQS::Queue.VisibilityTimeout', [6 * (queueConsumer?.timeoutSeconds ?? 0)], 'AWS’s rule for a function’s queue'],
  ['SecretsManager::Secret.GenerateSecretString.ExcludePunctuation', [true], 'Estoka’s stands in an address'],
  ['SecretsManager::Secret.GenerateSecretString.PasswordLength', [44], 'base64 of 33 bytes'],
];
