import { readFile, rename, writeFile } from 'node:fs/promises';
import * as z from 'zod';
import { parseJson } from '../../functions/runtime/json.ts';

/** Thrown when a connections file cannot be used; the message says which, and why. */
export class InvalidConnectionsFile extends Error {
  override readonly name = 'InvalidConnectionsFile';
}

const fileSchema = z.record(z.string(), z.looseObject({ credential: z.string().trim().min(1) }));
export type ConnectionsFile = z.infer<typeof fileSchema>;

/** Reads a `--connections` file: each connection's declaration, with its credential. Throws `InvalidConnectionsFile`. */
export async function readConnectionsFile(path: string): Promise<ConnectionsFile> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw new InvalidConnectionsFile(`The connections file ${path} cannot be read.`, { cause: error });
  });
  return connectionsIn(text, path);
}

function connectionsIn(text: string, path: string): ConnectionsFile {
  let json: unknown;
  try {
    json = parseJson(text);
  } catch (error) {
    // The parser's own words would quote the text, credentials and all.
    throw new InvalidConnectionsFile(`The connections file ${path} is not valid JSON.`, { cause: error });
  }
  const parsed = fileSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path: field, message }) => `  ${field.join('.')}: ${message}`);
  throw new InvalidConnectionsFile(`The connections file ${path} cannot be used:\n${problems.join('\n')}`);
}

/** What is declared at synth: everything but the credentials. */
export function declarationsIn(connections: ConnectionsFile): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(connections).map(([name, connection]) => [
      name,
      Object.fromEntries(Object.entries(connection).filter(([field]) => field !== 'credential')),
    ]),
  );
}

/** Writes the sandbox's connections where an operator can edit them; a credential that stands there already stays. */
export async function writeSandboxConnections(
  path: string,
  sandbox: Record<string, unknown>,
): Promise<ConnectionsFile> {
  const kept = await readConnectionsFile(path).catch((): ConnectionsFile => ({}));
  const connections = Object.fromEntries(
    Object.entries(fileSchema.parse(sandbox)).map(([name, connection]) => [
      name,
      { ...connection, credential: kept[name]?.credential ?? connection.credential },
    ]),
  );
  await writeFile(`${path}.new`, `${JSON.stringify(connections, null, 2)}\n`, { mode: 0o600 });
  await rename(`${path}.new`, path);
  return connections;
}
