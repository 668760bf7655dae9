import * as z from 'zod';
import { EVENT_NAMES } from '../functions/outbox/event-names.ts';
import { listed, plainWords, problemsOf } from '../functions/runtime/schema-problems.ts';

/** Thrown when the context from `cdk.json` or `cdk -c` is wrong. `problems` names each wrong field. */
export class InvalidContext extends Error {
  override readonly name = 'InvalidContext';
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(listed('The context (cdk.json, or -c) cannot be used', problems));
    this.problems = problems;
  }
}

const subscriberSchema = z.strictObject({
  /** The endpoint that outcomes are posted to. */
  url: z.string().refine((text) => z.url({ protocol: /^https$/ }).safeParse(text).success, {
    error: 'must be an https URL',
  }),
  /** The header that carries the subscriber's secret. */
  header: z
    .string()
    .regex(/^[\w-]+$/, { error: 'must be the name of a header' })
    .default('Authorization'),
  /** The version of the subscriber's secret. CloudFormation reads a secret again only if the template changes. */
  secretVersion: z.optional(z.string().regex(/^[\w-]{32,64}$/, { error: 'must be the VersionId of its secret' })),
  events: z
    .array(z.enum(EVENT_NAMES))
    .min(1)
    .default([...EVENT_NAMES]),
});
export type Subscriber = z.infer<typeof subscriberSchema>;

/** The settings that an operator may choose in the context of `cdk.json`, or with `cdk deploy -c name=value`. */
const contextSchema = z.object({
  /** An SNS topic that alarms are sent to. Without one, alarms only show in CloudWatch. */
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

/** The settings of an operator who chooses nothing. */
export const DEFAULT_CONTEXT: Context = { outcomeSubscribers: {}, exampleStateMachine: false };

/** Names in the context that belong to the stack but are parsed elsewhere. */
const DECLARED = ['connections', 'webhooks'];
/** The CDK's own names: its flags, its look-ups in an account, and its command line's notes. */
const OF_THE_CDK = /[:/]|^(cli-telemetry|acknowledged-issue-numbers)$/;

/** Parses the settings. `context` is the whole context. Throws {@link InvalidContext}, also for an unknown name. */
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

/** Whether `typed` may be a misspelling of `known`: one contains the other, or at most three letters differ. */
function isLike(typed: string, known: string): boolean {
  const [a, b] = [typed, known].map((name) => name.toLowerCase().replace(/[^a-z]/g, ''));
  if (a === undefined || b === undefined || a.length < 4) return false;
  return b.includes(a) || a.includes(b) || distance(a, b) <= 3;
}

/** How many letters must be inserted, removed or replaced to turn one text into the other. */
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
