import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

export const root = join(import.meta.dirname, '..', '..');

/** The paths of all READMEs from the root, in the order in which a newcomer reads them. */
export const READMES: readonly string[] = globSync(['README.md', '{functions,infra,test}/**/README.md'], { cwd: root })
  .filter((path) => !path.includes('node_modules'))
  .sort((one, other) => depth(one) - depth(other) || one.localeCompare(other));

function depth(path: string): number {
  return dirname(path) === '.' ? 0 : path.split('/').length;
}

export function readReadme(path: string): string {
  return readFileSync(join(root, path), 'utf8');
}

/** Returns all READMEs as one text, for tables that may be in any of them. */
export function allReadmes(): string {
  return READMES.map(readReadme).join('\n');
}

export interface Block {
  readonly readme: string;
  /** The words after the fence: a language and, if that language is tested in several ways, the way. */
  readonly tag: string;
  readonly text: string;
}

/** Returns the code blocks of one README or of all, from top to bottom. */
export function blocksIn(readme?: string): Block[] {
  return READMES.filter((path) => readme === undefined || path === readme).flatMap((path) =>
    [...readReadme(path).matchAll(/^```([^\n]*)\n([^]*?)^```$/gm)].map(([, tag = '', text = '']) => ({
      ...{ readme: path, tag: tag.trim(), text },
    })),
  );
}

/** Returns the texts of the blocks with a tag. */
export function blocks(tag: string, readme?: string): string[] {
  return blocksIn(readme)
    .filter((block) => block.tag === tag)
    .map(({ text }) => text);
}

/** Returns the commands of the shell blocks with a tag: one for each line, without comments. */
export function commands(tag: string, readme?: string): string[] {
  return blocks(tag, readme).flatMap((text) =>
    text
      .split('\n')
      .map((line) => line.replace(/(^|\s+)# .*$/, ''))
      .filter((line) => line !== ''),
  );
}

/** Replaces the addresses that a README prints with those of a running stack. */
export function asTyped(text: string, addresses: Readonly<Record<string, string>>): string {
  return Object.entries(addresses).reduce((typed, [printed, real]) => typed.replaceAll(printed, real), text);
}

export interface SessionCommand {
  readonly command: string;
  readonly output: string;
}

/** Returns the commands that a README shows with their output. */
export function session(readme: string): SessionCommand[] {
  return blocks('console', readme).flatMap((block) =>
    block
      .split(/^\$ /m)
      .slice(1)
      .map((part) => ({
        command: part.slice(0, part.indexOf('\n')),
        output: part.slice(part.indexOf('\n') + 1).trim(),
      })),
  );
}
