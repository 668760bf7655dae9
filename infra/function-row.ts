import type { DOCS_FILE, OPENAPI_FILE } from '../functions/runtime/environment.ts';

/** One row of THE table (`functions.ts`). */
export interface FunctionRow {
  /** The name of its file in `functions/`, of the deployed function, and in its logs. */
  readonly name: string;
  /** What it does, and whom a failure hurts. */
  readonly purpose: string;
  readonly trigger: Trigger;
  readonly timeoutSeconds: number;
  readonly tables: Readonly<Partial<Record<TableName, readonly TableAction[]>>>;
  /** What it may do with the objects of the exports' bucket. */
  readonly exportsBucket?: readonly BucketAction[];
  /** The queues that it sends to, and the one that triggers it where it has to know its URL. */
  readonly queues?: readonly QueueName[];
  /** It puts events on the bundle's bus. */
  readonly publishes?: true;
  /** It tells state machines how their tasks ended. */
  readonly answersTasks?: true;
  /** `declared`: knows the connections; `credentials`: may read their secrets as well. */
  readonly connections: 'none' | 'declared' | 'credentials';
  /** It derives keys from the stack's own secret, to seal cursors. Functions that read credentials do so anyway, to tell accounts apart. */
  readonly keys?: true;
  /** Knows the declared webhooks, and may read the secrets of those of this kind. */
  readonly webhooks?: 'estoka' | 'standard' | 'shopify';
  /** What is made with the bundles and lies beside this one. */
  readonly file?: BundledFile;
}

export type BundledFile = typeof OPENAPI_FILE | typeof DOCS_FILE;

export type Trigger =
  | {
      readonly kind: 'route';
      readonly route: Route;
      /** Further routes of the same function, with the same access. */
      readonly also?: readonly Route[];
      readonly access: Scope | 'public';
    }
  | { readonly kind: 'authorizer' }
  /** At most `containers` at once, each with one batch of messages. */
  | { readonly kind: 'queue'; readonly queue: QueueName; readonly batchSize: number; readonly containers: number }
  /** The ledger's changes. */
  | { readonly kind: 'stream' }
  /** Nothing of the stack's: it is invoked by name. */
  | { readonly kind: 'direct' }
  | { readonly kind: 'schedule'; readonly everyMinutes: number };

export type Route = `${'GET' | 'POST' | 'DELETE'} /${string}` | '$default';

/** What a caller's token must allow; the function itself refuses who lacks it. */
export type Scope = 'cancel' | 'read' | 'restore' | 'delete' | 'personal-data' | 'admin';

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

/** DeleteItem is missing on purpose: no function may delete what happened. */
export type TableAction = 'GetItem' | 'BatchGetItem' | 'Query' | 'PutItem' | 'UpdateItem';

/** DeleteObject is missing on purpose: the bucket's own rules let objects expire. */
export type BucketAction = 'GetObject' | 'PutObject' | 'AbortMultipartUpload';

/** `commands`: what is to be cancelled; the others: what could not be carried out, or published, until a person looks. */
export const QUEUE_NAMES = ['commands', 'deadCommands', 'deadOutcomes'] as const;
export type QueueName = (typeof QUEUE_NAMES)[number];

/** After how many deliveries a queue gives a message up. */
export const MOST_RECEIVES = 6;
