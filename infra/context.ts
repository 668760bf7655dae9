import * as z from 'zod';

/** Thrown when the context of `cdk.json` cannot be used; names each wrong field. */
export class InvalidContext extends Error {
  override readonly name = 'InvalidContext';
}

export const OUTCOME_EVENTS = [
  'OrderOperationConfirmed',
  'OrderOperationRefused',
  'OrderOperationUnknown',
  'OrderOperationNeedsAttention',
  'OrderContradictionFound',
] as const;

const subscriberSchema = z.strictObject({
  /** Where outcomes are posted. */
  url: z.url({ protocol: /^https$/, error: 'must be an https URL' }),
  /** The header in which the subscriber is shown its secret. */
  header: z
    .string()
    .regex(/^[\w-]+$/)
    .default('Authorization'),
  /** The version of its secret: CloudFormation reads a secret anew only where the template says something new. */
  secretVersion: z.optional(z.string().regex(/^[\w-]{32,64}$/, { error: 'must be the VersionId of its secret' })),
  events: z
    .array(z.enum(OUTCOME_EVENTS))
    .min(1)
    .default([...OUTCOME_EVENTS]),
});
export type Subscriber = z.infer<typeof subscriberSchema>;

/** What an operator may choose in the context of `cdk.json`, or with `cdk deploy -c name=value`. */
const contextSchema = z.object({
  /** An SNS topic that alarms go to; without one they are only shown. */
  alarmTopicArn: z.optional(
    z.string().regex(/^arn:[\w-]+:sns:[\w-]+:\d{12}:.+$/, { error: 'must be the ARN of an SNS topic' }),
  ),
  /** HTTPS endpoints that outcomes are posted to, by name. */
  outcomeSubscribers: z
    .record(
      z.string().regex(/^[a-z][a-z0-9-]{0,30}$/, { error: 'must have lower-case letters, digits and hyphens' }),
      subscriberSchema,
    )
    .default({}),
  exampleStateMachine: z
    .union([z.boolean(), z.enum(['true', 'false']).transform((text) => text === 'true')])
    .default(false),
});
export type Context = z.infer<typeof contextSchema>;

/** What is chosen where nothing is said. */
export const DEFAULT_CONTEXT: Context = { outcomeSubscribers: {}, exampleStateMachine: false };

/** Throws {@link InvalidContext}. `read` gives the context's value of a name, or undefined. */
export function parseContext(read: (name: string) => unknown): Context {
  const names = Object.keys(contextSchema.shape);
  const parsed = contextSchema.safeParse(Object.fromEntries(names.map((name) => [name, read(name)])));
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) => `  ${path.join('.')}: ${message}`);
  throw new InvalidContext(`The context of cdk.json cannot be used:\n${problems.join('\n')}`);
}
