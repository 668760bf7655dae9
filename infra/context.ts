import * as z from 'zod';
import { listed, plainWords, problemsOf } from '../functions/runtime/schema-problems.ts';

/** Thrown when the context of `cdk.json`, or of `cdk -c`, cannot be used; `problems` names each wrong field. */
export class InvalidContext extends Error {
  override readonly name = 'InvalidContext';
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(listed('The context (cdk.json, or -c) cannot be used', problems));
    this.problems = problems;
  }
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
  url: z.string().refine((text) => z.url({ protocol: /^https$/ }).safeParse(text).success, {
    error: 'must be an https URL',
  }),
  /** The header in which the subscriber is shown its secret. */
  header: z
    .string()
    .regex(/^[\w-]+$/, { error: 'must be the name of a header' })
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
    .union([z.boolean(), z.enum(['true', 'false']).transform((text) => text === 'true')], {
      error: 'must be true or false',
    })
    .default(false),
});
export type Context = z.infer<typeof contextSchema>;

/** What is chosen where nothing is said. */
export const DEFAULT_CONTEXT: Context = { outcomeSubscribers: {}, exampleStateMachine: false };

/** Names of the context that are of the stack, but not chosen here. */
const DECLARED = ['connections', 'webhooks'];
/** The CDK's own: its flags, what it has looked up in an account, and what its command line keeps. */
const OF_THE_CDK = /[:/]|^(cli-telemetry|acknowledged-issue-numbers)$/;

/** Throws {@link InvalidContext}, also for a name that nothing is chosen by. `context` is all that stands in the context. */
export function parseContext(context: Readonly<Record<string, unknown>>): Context {
  const parsed = contextSchema.safeParse(context, { error: plainWords });
  const problems = [
    ...Object.keys(context).flatMap(problemOfName),
    ...(parsed.success ? [] : problemsOf(null, parsed.error)),
  ];
  if (!parsed.success || problems.length > 0) throw new InvalidContext(problems);
  return parsed.data;
}

function problemOfName(name: string): string[] {
  const known = [...Object.keys(contextSchema.shape), ...DECLARED];
  if (known.includes(name) || OF_THE_CDK.test(name)) return [];
  const meant = known.find((one) => isLike(name, one));
  return [
    `${name}: is not known here; ${meant === undefined ? `known are ${known.join(', ')}` : `is ${meant} meant?`}`,
  ];
}

/** Whether somebody may have meant the one name by the other: a part of it, or up to three letters more, fewer or other ones. */
function isLike(typed: string, known: string): boolean {
  const [a, b] = [typed, known].map((name) => name.toLowerCase().replace(/[^a-z]/g, ''));
  if (a === undefined || b === undefined || a.length < 4) return false;
  return b.includes(a) || a.includes(b) || distance(a, b) <= 3;
}

/** How many letters have to be put in, taken out or replaced to make the one of the other. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (const [index, letter] of Array.from(a).entries()) {
    let left = index + 1;
    const next = [left];
    for (const [column, other] of Array.from(b).entries()) {
      const [diagonal = 0, above = 0] = row.slice(column, column + 2);
      left = Math.min(left + 1, above + 1, diagonal + (letter === other ? 0 : 1));
      next.push(left);
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
