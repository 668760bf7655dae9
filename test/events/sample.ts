import { readFileSync } from 'node:fs';

type Sample =
  | 'sqs'
  | 'eventbridge'
  /** Of a rule with a schedule. */
  | 'scheduled'
  /** Of EventBridge Scheduler, whose `detail` is a string. */
  | 'scheduler'
  | 'step-functions-task'
  | 'dynamodb-stream'
  | 'api-gateway-v2';

/** An event of the shape that AWS documents, and `sam local generate-event` makes, with a content of ours. */
// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- who asks for one knows its shape
export function sampleEvent<Event>(name: Sample): Event {
  return JSON.parse(readFileSync(new URL(`${name}.json`, import.meta.url), 'utf8')) as Event;
}
