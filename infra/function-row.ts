import type { Scope } from '../functions/access/scopes.ts';
import type { DOCS_FILE, OPENAPI_FILE } from '../functions/runtime/environment.ts';

/** One row of THE table (`functions.ts`). */
export interface FunctionRow {
  /** The name of the function's file in `functions/`, of the deployed function, and in its logs. */
  readonly name: string;
  /** What the function does, and whom a failure hurts. Operators read it in the AWS console. At most 256 characters (Lambda's limit). */
  readonly purpose: string;
  readonly trigger: Trigger;
  readonly timeoutSeconds: number;
  readonly tables: Readonly<Partial<Record<TableName, readonly TableAction[]>>>;
  /** What the function may do with the objects in the exports' bucket. */
  readonly exportsBucket?: readonly BucketAction[];
  /** The queues that the function sends to, and the one that triggers it if it needs that queue's URL. */
  readonly queues?: readonly QueueName[];
  /** The function puts events on the bundle's bus. */
  readonly publishes?: true;
  /** The function sends state machines the outcome of their tasks. */
  readonly answersTasks?: true;
  /** `declared`: the function knows the connections. `credentials`: it may also read their secrets. */
  readonly connections: 'none' | 'declared' | 'credentials';
  /** The function derives keys from the stack's own secret, to seal cursors. Functions that read credentials do so anyway, to tell accounts apart. */
  readonly keys?: true;
  /** The function knows the declared webhooks, and may read the secrets of those of this kind. */
  readonly webhooks?: 'estoka' | 'standard' | 'shopify';
  /** A file that is made with the bundles and deployed beside this one. */
  readonly file?: BundledFile;
}

export type BundledFile = typeof OPENAPI_FILE | typeof DOCS_FILE;

export type Trigger =
  | {
      readonly kind: 'route';
      readonly route: Route;
      /** Further routes of the same function, with the same access. */
      readonly also?: readonly Route[];
      /** The scope that a caller's token must have. The function itself refuses callers who lack it. */
      readonly access: Scope | 'public';
    }
  | { readonly kind: 'authorizer' }
  /** At most `containers` at once, each with one batch of messages. */
  | { readonly kind: 'queue'; readonly queue: QueueName; readonly batchSize: number; readonly containers: number }
  /** The ledger's changes. */
  | { readonly kind: 'stream' }
  /** Nothing in the stack triggers the function: callers invoke it by name. */
  | { readonly kind: 'direct' }
  | { readonly kind: 'schedule'; readonly everyMinutes: number };

export type Route = `${'GET' | 'POST' | 'DELETE'} /${string}` | '$default';

export const TABLE_NAMES = [
  'ledger',
  'idempotencyKeys',
  'connectionHealth',
  'accessTokens',
  'batches',
  'waitingTasks',
  'exportJobs',
] as const;
export type TableName = (typeof TABLE_NAMES)[number];

/** DeleteItem is missing on purpose: no function may delete records. */
export type TableAction = 'GetItem' | 'BatchGetItem' | 'Query' | 'PutItem' | 'UpdateItem';

/** DeleteObject is missing on purpose: the bucket's own rules let objects expire. */
export type BucketAction = 'GetObject' | 'PutObject' | 'AbortMultipartUpload';

/** `commands`: orders to cancel. The others keep commands that failed, and outcomes that could not be published, until a person looks. */
export const QUEUE_NAMES = ['commands', 'deadCommands', 'deadOutcomes'] as const;
export type QueueName = (typeof QUEUE_NAMES)[number];

/** After how many deliveries a queue gives up a message. */
export const MOST_RECEIVES = 6;
