import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Context } from 'aws-lambda';
import {
  CONNECTIONS_FILE,
  DOCS_FILE,
  ENVIRONMENT,
  OPENAPI_FILE,
  WEBHOOKS_FILE,
} from '../../functions/runtime/environment.ts';
import { lambdaContext } from '../support/api-event.ts';

const NAMES: readonly string[] = Object.values(ENVIRONMENT);

/** Builds a deployed function with these variables and no others. Answers which of the stack's it took; throws where it misses one. */
export async function buildWith(name: string, variables: Readonly<Record<string, string>>): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'countermand-built-'));
  const connections = { 'loja-rio': { provider: 'estoka', baseUrl: 'https://estoka.example.com', organizationId: 1 } };
  writeFileSync(join(folder, CONNECTIONS_FILE), JSON.stringify(connections));
  writeFileSync(join(folder, WEBHOOKS_FILE), JSON.stringify({ crm: { kind: 'standard', connections: ['loja-rio'] } }));
  for (const file of [OPENAPI_FILE, DOCS_FILE]) writeFileSync(join(folder, file), '{}');
  const environment = process.env;
  const own = { AWS_REGION: 'us-east-1', LAMBDA_TASK_ROOT: folder, POWERTOOLS_LOG_LEVEL: 'SILENT' };
  const taken = new Set<string>();
  process.env = new Proxy<Record<string, string | undefined>>(
    { ...variables, ...own },
    {
      get: (values, variable) => {
        taken.add(String(variable));
        return values[String(variable)];
      },
    },
  );
  try {
    const { handler } = (await import(`../../functions/${name}.ts`)) as {
      handler: (event: unknown, context: Context) => Promise<unknown>;
    };
    // It is asked for nothing, so it is built, and then says so.
    await handler({}, lambdaContext());
  } catch (error) {
    if (error instanceof Error && error.message.startsWith('The environment variable')) throw error;
  } finally {
    process.env = environment;
    rmSync(folder, { recursive: true });
  }
  return [...taken].filter((variable) => NAMES.includes(variable));
}
