import { join } from 'node:path';
import { startFauxqs } from 'fauxqs';
import type { LocalStack } from './template.ts';

/** SQS and S3 on this machine, on one port. */
export interface QueuesAndBuckets {
  readonly endpoint: string;
  /** Makes the template's queues and buckets where they are missing; what is in them is kept over restarts. */
  create(stack: Pick<LocalStack, 'queues' | 'buckets'>): void;
  close(): Promise<void>;
}

/** Starts them with their data in `directory`. */
export async function startQueuesAndBuckets(directory: string): Promise<QueuesAndBuckets> {
  const server = await startFauxqs({
    port: 0,
    logger: false,
    dataDir: directory,
    s3StorageDir: join(directory, 'objects'),
  });
  return {
    endpoint: server.address,
    create({ queues, buckets }) {
      // A queue's dead-letter queue has to be there before it.
      const ordered = queues.toSorted(
        (a, b) => Number('RedrivePolicy' in a.attributes) - Number('RedrivePolicy' in b.attributes),
      );
      // Leaves alone what is there already, with all that is in it.
      server.setup({
        queues: ordered.map(({ name, attributes }) => ({ name, attributes })),
        buckets: [...buckets],
      });
    },
    close: () => server.stop(),
  };
}

/** A queue's URL at an endpoint: clients send to the URL's host, whatever their own endpoint is. */
export function queueUrl(endpoint: string, name: string): string {
  return `${endpoint}/000000000000/${name}`;
}
