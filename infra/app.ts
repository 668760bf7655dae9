import { access, constants, mkdir, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib/core';
import * as z from 'zod';
import { parseConnections, type ConnectionDeclaration } from '../functions/providers/connections.ts';
import { InvalidConnections } from '../functions/providers/errors.ts';
import { parseBoundedJson } from '../functions/runtime/bounded-json.ts';
import { parseWebhooks } from '../functions/webhooks/declarations.ts';
import { InvalidWebhooks } from '../functions/webhooks/errors.ts';
import { problemOfPattern } from '../functions/webhooks/order-id-pattern.ts';
import { InvalidContext, parseContext, type Context } from './context.ts';
import { fileProblem } from './file-problems.ts';
import { buildStack } from './synth.ts';

/** The program that `cdk synth` and `cdk deploy` run (`cdk.json`). Returns the exit code: 1 after printing everything that is wrong in the context. */
async function main(): Promise<number> {
  const app = new App();
  const read = readContext(z.record(z.string(), z.unknown()).parse(app.node.getAllContext()));
  if ('wrong' in read) {
    for (const { message } of read.wrong) console.error(message);
    return 1;
  }
  const complain = (line: string) => {
    console.error(line);
  };
  const buildDir = await writableDir('.build', complain);
  await buildStack(app, { ...read, buildDir, complain });
  app.synth();
  return 0;
}

/** Returns the directory, which is made if it is missing. If this user may not write into it, returns a new temporary one and says so in a line. */
async function writableDir(directory: string, complain: (line: string) => void): Promise<string> {
  try {
    await mkdir(directory, { recursive: true });
    await access(directory, constants.W_OK);
    return directory;
  } catch (error) {
    const other = await mkdtemp(join(tmpdir(), 'countermand-build-'));
    complain(`The bundles go into ${other}, because ${directory} cannot be written: ${fileProblem(error)}.`);
    return other;
  }
}

interface ReadContext {
  readonly context: Context;
  readonly connections: unknown;
  readonly webhooks: unknown;
}

function readContext(given: Readonly<Record<string, unknown>>): ReadContext | { wrong: readonly Error[] } {
  const wrong: Error[] = [];
  const tried = <T>(parse: () => T): T | null => {
    try {
      return parse();
    } catch (error) {
      const isOperators = [InvalidContext, InvalidConnections, InvalidWebhooks].some((kind) => error instanceof kind);
      if (!isOperators || !(error instanceof Error)) throw error;
      wrong.push(error);
      return null;
    }
  };
  const all = tried(() => withJsonRead(given));
  if (all === null) return { wrong };
  const { connections, webhooks = {} } = all;
  const context = tried(() => parseContext(all));
  const declared = tried((): ReadonlyMap<string, ConnectionDeclaration> => parseConnections(connections));
  tried(() => parseWebhooks(webhooks, declared, problemOfPattern));
  return context === null || wrong.length > 0 ? { wrong } : { context, connections, webhooks };
}

/** The names that are objects in `cdk.json`; `-c connections='{…}'` passes them as a text. */
const OBJECTS = ['connections', 'webhooks', 'outcomeSubscribers'];

function withJsonRead(all: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const problems: string[] = [];
  const read = Object.entries(all).map(([name, value]): [string, unknown] => {
    if (typeof value !== 'string' || !OBJECTS.includes(name)) return [name, value];
    try {
      return [name, parseBoundedJson(value)];
    } catch (error) {
      problems.push(`${name}: must be JSON: ${error instanceof Error ? error.message : String(error)}`);
      return [name, value];
    }
  });
  if (problems.length > 0) throw new InvalidContext(problems);
  return Object.fromEntries(read);
}

if (import.meta.main) process.exitCode = await main();
