import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..', '..');

/** One change of the source. The file has `text` exactly once. */
export interface Edit {
  readonly file: string;
  readonly text: string;
  readonly instead: string;
}

/** Copies parts of the project, makes the edits in the copy, and gives it the same packages. */
export async function copySource(
  parts: readonly string[],
  edits: readonly Edit[],
): Promise<{ path: string; remove(): Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'countermand-source-'));
  const remove = () => rm(path, { recursive: true, force: true, maxRetries: 5 });
  try {
    await Promise.all(parts.map((part) => cp(join(ROOT, part), join(path, part), { recursive: true })));
    await symlink(join(ROOT, 'node_modules'), join(path, 'node_modules'));
    for (const edit of edits) await apply(edit, path);
    return { path, remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

async function apply({ file, text, instead }: Edit, copy: string): Promise<void> {
  const path = join(copy, file);
  const source = await readFile(path, 'utf8');
  const times = source.split(text).length - 1;
  if (times !== 1) throw new Error(`${file} holds this ${times} times, not once; who edits it must follow it: ${text}`);
  await writeFile(
    path,
    source.replace(text, () => instead),
  );
}
