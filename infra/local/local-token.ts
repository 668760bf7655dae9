import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SCOPES } from '../../functions/access/scopes.ts';
import { createAccessTokens } from '../../functions/access/tokens.ts';
import { systemClock } from '../../functions/runtime/clock.ts';

/** Stores an access token with every scope and returns it: `given`, or else the one in `file`, which is made at the first start. */
export async function admitLocalToken(needs: {
  dynamodb: DynamoDBClient;
  table: string;
  given: string | null;
  file: string;
}): Promise<string> {
  const token = needs.given ?? (await readOrMakeToken(needs.file));
  const tokens = createAccessTokens({ dynamodb: needs.dynamodb, table: needs.table, clock: systemClock });
  await tokens.create({ name: 'local', scopes: [...SCOPES], connections: null, expiresAt: null }, token);
  return token;
}

async function readOrMakeToken(file: string): Promise<string> {
  const kept = await readFile(file, 'utf8').catch(() => '');
  if (kept.trim() !== '') return kept.trim();
  const token = `cm_${randomBytes(32).toString('base64url')}`;
  await writeFile(file, `${token}\n`, { mode: 0o600 });
  return token;
}
