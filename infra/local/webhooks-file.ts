import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import * as z from 'zod';
import { listed, plainWords, problemsOf } from '../../functions/runtime/schema-problems.ts';
import { parseWebhooks, type DeclaredConnections } from '../../functions/webhooks/declarations.ts';
import { InvalidWebhooks } from '../../functions/webhooks/errors.ts';
import { problemOfPattern } from '../../functions/webhooks/order-id-pattern.ts';
import { secretsSchema } from '../../functions/webhooks/webhook-secrets.ts';
import { without } from './connections-file.ts';
import { readJsonFile } from './json-file.ts';

/** Thrown when a webhooks file cannot be used. The message names the file and every problem. */
export class InvalidWebhooksFile extends Error {
  override readonly name = 'InvalidWebhooksFile';
}

const secret = z.string().trim();
const fileSchema = z.record(
  z.string(),
  z.looseObject({ secret: z.strictObject({ current: secret.min(1), previous: z.nullish(secret) }) }),
);
export type WebhooksFile = z.infer<typeof fileSchema>;

/** Reads a `--webhooks` file: each webhook's declaration with its secrets. Throws `InvalidWebhooksFile`. */
export async function readWebhooksFile(path: string): Promise<WebhooksFile> {
  const parsed = fileSchema.safeParse(await jsonOf(path), { error: plainWords });
  if (parsed.success) return parsed.data;
  throw cannotBeUsed(path, problemsOf(null, parsed.error));
}

/** Reads a file like `readWebhooksFile`, and names all problems at once, in the secrets and in the declarations. */
export async function checkWebhooksFile(path: string, connections: DeclaredConnections): Promise<WebhooksFile> {
  const json = await jsonOf(path);
  const parsed = fileSchema.safeParse(json, { error: plainWords });
  const declared = z.record(z.string(), z.unknown()).safeParse(json);
  // Both checks report a webhook that is no object.
  const problems = new Set([
    ...(parsed.success ? [] : problemsOf(null, parsed.error)),
    ...Object.entries(declared.data ?? {}).flatMap(([name, webhook]) => problemsOfSecrets(name, webhook)),
    ...(declared.success ? problemsOfDeclarations(webhookDeclarationsIn(declared.data), connections) : []),
  ]);
  if (parsed.success && problems.size === 0) return parsed.data;
  throw cannotBeUsed(path, [...problems]);
}

function jsonOf(path: string): Promise<unknown> {
  return readJsonFile(path, (problem) => new InvalidWebhooksFile(`The webhooks file ${path} ${problem}`));
}

function cannotBeUsed(path: string, problems: readonly string[]): InvalidWebhooksFile {
  return new InvalidWebhooksFile(listed(`The webhooks file ${path} cannot be used`, problems));
}

/** Returns the problems that would keep the secrets from ever working, by the schema that reads them at run time. */
function problemsOfSecrets(name: string, webhook: unknown): string[] {
  const kind = kindSchema.safeParse(webhook).data?.kind;
  if (kind === undefined) return [];
  const parsed = z.object({ secret: secretsSchema(kind) }).safeParse(webhook, { error: plainWords });
  return parsed.success ? [] : problemsOf(name, parsed.error);
}

const kindSchema = z.object({ kind: z.enum(['estoka', 'standard', 'shopify']) });

function problemsOfDeclarations(declarations: unknown, connections: DeclaredConnections): readonly string[] {
  try {
    parseWebhooks(declarations, connections, problemOfPattern);
    return [];
  } catch (error) {
    if (error instanceof InvalidWebhooks) return error.problems;
    throw error;
  }
}

/** Returns the declarations, which synth reads: everything but the secrets. */
export function webhookDeclarationsIn(webhooks: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return without('secret', webhooks);
}

/** Returns the address of a webhook. Estoka signs nothing, so its secret is in the address. */
export function webhookAddress(url: string, name: string, { kind, secret }: WebhooksFile[string]): string {
  return `${url}/v1/webhooks/${String(kind)}/${name}${kind === 'estoka' ? `/${secret.current}` : ''}`;
}

/** Reads the sandbox's webhooks: one of each kind, with random secrets. The first start writes the file; the operator may edit it from then on. */
export async function sandboxWebhooks(path: string): Promise<WebhooksFile> {
  if (!existsSync(path)) {
    const webhooks = {
      estoka: {
        kind: 'estoka',
        connections: ['loja-rio'],
        secret: { current: randomBytes(32).toString('base64url') },
      },
      checkout: {
        kind: 'standard',
        connections: ['loja-rio', 'toko-jaya'],
        secret: { current: `whsec_${randomBytes(32).toString('base64')}` },
      },
      shop: {
        kind: 'shopify',
        connection: 'loja-rio',
        orderIdPath: "note_attributes[?name=='estoka_order_id'].value | [0]",
        secret: { current: randomBytes(32).toString('hex') },
      },
    };
    await writeFile(path, `${JSON.stringify(webhooks, null, 2)}\n`, { mode: 0o600 });
  }
  return readWebhooksFile(path);
}
