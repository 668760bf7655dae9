import { startNgorderSandbox } from '../../infra/local/sandbox/ngorder-sandbox.ts';
import type { ChangeNgorderOrderNeeds } from '../../functions/drop-in/change-ngorder-order.ts';
import type { InvocationLogger } from '../../functions/runtime/logger.ts';
import { startDynamoDB } from './dynamodb.ts';
import { sandboxConnections } from './sandbox-connections.ts';

/** What ngorder's own changing routes need, with a sandbox ngorder of its own. */
export async function startNgorderChanges(): Promise<{
  needs: ChangeNgorderOrderNeeds & { log: InvocationLogger };
  /** What the sandbox says of an order: what became of it, and how often it was asked for it. */
  readSandboxOrder(orderId: string): Promise<Record<string, unknown>>;
  stop(): Promise<void>;
}> {
  const [database, sandbox] = await Promise.all([startDynamoDB(), startNgorderSandbox()]);
  const fields = { provider: 'ngorder', timeoutSeconds: 2 };
  return {
    needs: sandboxConnections(database, { 'toko-jaya': { sandbox, fields } }),
    async readSandboxOrder(orderId) {
      const reply = await fetch(`${sandbox.baseUrl}/_sandbox/orders/${orderId}`);
      return (await reply.json()) as Record<string, unknown>;
    },
    async stop() {
      await sandbox.close();
      await database.stop();
    },
  };
}
