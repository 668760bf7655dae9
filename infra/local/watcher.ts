import { join, relative } from 'node:path';
import { createWorkTeller, type WorkTeller } from './lines/work-teller.ts';
import type { Options } from './options.ts';
import { openScreen, type Screen } from './screen.ts';

/** Shows a person the steps of the start, the work, and what the stack does without. */
export type Watcher = Pick<Screen, 'step' | 'progress' | 'complain'> & WorkTeller;

/** A watcher that prints on this process's standard output and standard error. */
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
