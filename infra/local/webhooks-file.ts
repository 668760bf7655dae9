import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import * as z from 'zod';
import { parseJson } from '../../functions/runtime/json.ts';

/** Thrown when a webhooks file cannot be used; the message says which, and why. */
export class InvalidWebhooksFile extends Error {
  override readonly name = 'InvalidWebhooksFile';
}

const secret = z.string().trim();
const fileSchema = z.record(
  z.string(),
  z.looseObject({ secret: z.strictObject({ current: secret.min(1), previous: z.nullish(secret) }) }),
);
export type WebhooksFile = z.infer<typeof fileSchema>;

/** Reads a `--webhooks` file: each webhook's declaration, with its secrets. Throws `InvalidWebhooksFile`. */
export async function readWebhooksFile(path: string): Promise<WebhooksFile> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw new InvalidWebhooksFile(`The webhooks file ${path} cannot be read.`, { cause: error });
  });
  let json: unknown;
  try {
    json = parseJson(text);
  } catch {
    // The parser's own words would quote the text, secrets and all.
    throw new InvalidWebhooksFile(`The webhooks file ${path} is not valid JSON.`);
  }
  const parsed = fileSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path: field, message }) => `  ${field.join('.')}: ${message}`);
  throw new InvalidWebhooksFile(`The webhooks file ${path} cannot be used:\n${problems.join('\n')}`);
}

/** What is declared at synth: everything but the secrets. */
export function webhookDeclarationsIn(webhooks: WebhooksFile): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(webhooks).map(([name, { secret: _secret, ...declaration }]) => [name, declaration]),
  );
}

/** Where a webhook is received. Estoka signs nothing: the secret is in the address. */
export function webhookAddress(url: string, name: string, { kind, secret }: WebhooksFile[string]): string {
  return `${url}/v1/webhooks/${String(kind)}/${name}${kind === 'estoka' ? `/${secret.current}` : ''}`;
}

/** The sandbox's webhooks, one of each kind, with secrets of chance: written at the first start, the operator's to edit from then on. */
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
