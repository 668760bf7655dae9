import { join, relative } from 'node:path';
import { createWorkTeller, type WorkTeller } from './lines/work-teller.ts';
import type { Options } from './options.ts';
import { openScreen, type Screen } from './screen.ts';

/** Whoever watches the stack: told of the steps of its start, of its work, and of what it does without. */
export type Watcher = Pick<Screen, 'step' | 'progress' | 'complain'> & WorkTeller;

/** The person at this process's terminal. */
export function openWatcher({
  dataDir,
  connectionsFile,
}: Pick<Options, 'dataDir' | 'connectionsFile'>): Watcher & Screen {
  const screen = openScreen({ out: process.stdout, err: process.stderr, env: process.env });
  const places = {
    functionLog: fromHere(join(dataDir, 'functions.log')),
    connectionsFile: fromHere(connectionsFile ?? join(dataDir, 'connections.json')),
  };
  return { ...screen, ...createWorkTeller({ print: screen.print, paint: screen.paint, places }) };
}

function fromHere(path: string): string {
  const short = relative('', path);
  return short.startsWith('..') ? path : short;
}
