import { rename, writeFile } from 'node:fs/promises';
import * as z from 'zod';
import { MOST_MOVES, parseConnections } from '../../functions/providers/connections.ts';
import { InvalidConnections } from '../../functions/providers/errors.ts';
import { listed, plainWords, problemsOf } from '../../functions/runtime/schema-problems.ts';
import { readJsonFile } from './json-file.ts';

/** Thrown when a connections file cannot be used. The message names the file and every problem. */
export class InvalidConnectionsFile extends Error {
  override readonly name = 'InvalidConnectionsFile';
}

const fileSchema = z.record(z.string(), z.looseObject({ credential: z.string().trim().min(1) }));
/** The part of a kept sandbox connection that says where the sandbox was at earlier starts. */
const placeSchema = z.object({
  baseUrl: z.optional(z.string()),
  formerly: z.optional(z.array(z.string())),
  credential: z.optional(z.string()),
});
export type ConnectionsFile = z.infer<typeof fileSchema>;

/** Reads a `--connections` file: each connection's declaration with its credential. Throws `InvalidConnectionsFile`. */
export async function readConnectionsFile(path: string): Promise<ConnectionsFile> {
  const parsed = fileSchema.safeParse(await jsonOf(path), { error: plainWords });
  if (parsed.success) return parsed.data;
  throw cannotBeUsed(path, problemsOf(null, parsed.error));
}

/** Reads a file like `readConnectionsFile`, and names all problems at once, in the credentials and in the declarations. */
export async function checkConnectionsFile(path: string): Promise<ConnectionsFile> {
  const json = await jsonOf(path);
  const parsed = fileSchema.safeParse(json, { error: plainWords });
  const declared = z.record(z.string(), z.unknown()).safeParse(json);
  // Both checks report a connection that is no object.
  const problems = new Set([
    ...(parsed.success ? [] : problemsOf(null, parsed.error)),
    ...(declared.success ? problemsOfDeclarations(declarationsIn(declared.data)) : []),
  ]);
  if (parsed.success && problems.size === 0) return parsed.data;
  throw cannotBeUsed(path, [...problems]);
}

function jsonOf(path: string): Promise<unknown> {
  return readJsonFile(path, (problem) => new InvalidConnectionsFile(`The connections file ${path} ${problem}`));
}

function cannotBeUsed(path: string, problems: readonly string[]): InvalidConnectionsFile {
  return new InvalidConnectionsFile(listed(`The connections file ${path} cannot be used`, problems));
}

function problemsOfDeclarations(declarations: unknown): readonly string[] {
  try {
    parseConnections(declarations);
    return [];
  } catch (error) {
    if (error instanceof InvalidConnections) return error.problems;
    throw error;
  }
}

/** Returns the declarations, which synth reads: everything but the credentials. */
export function declarationsIn(connections: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return without('credential', connections);
}

/** Returns the entries without one field of each. */
export function without(field: string, entries: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(entries).map(([name, fields]) => [
      name,
      typeof fields === 'object' && fields !== null && !Array.isArray(fields)
        ? Object.fromEntries(Object.entries(fields).filter(([key]) => key !== field))
        : fields,
    ]),
  );
}

/**
 * Writes the sandbox's connections to a file that an operator can edit. A credential that is already in the file stays. A sandbox that
 * moved to another port remains the same sandbox, with the same orders.
 */
export async function writeSandboxConnections(
  path: string,
  sandbox: Record<string, unknown>,
): Promise<ConnectionsFile> {
  const kept = await readConnectionsFile(path).catch((): ConnectionsFile => ({}));
  const connections = Object.fromEntries(
    Object.entries(fileSchema.parse(sandbox)).map(([name, connection]) => {
      const { baseUrl, formerly = [], credential = connection.credential } = placeSchema.parse(kept[name] ?? {});
      const earlier = [...new Set([...formerly, ...(baseUrl === undefined ? [] : [baseUrl])])];
      const moved = earlier.filter((url) => url !== connection['baseUrl']).slice(-MOST_MOVES);
      return [name, { ...connection, ...(moved.length > 0 && { formerly: moved }), credential }];
    }),
  );
  await writeFile(`${path}.new`, `${JSON.stringify(connections, null, 2)}\n`, { mode: 0o600 });
  await rename(`${path}.new`, path);
  return connections;
}
