import type { LogEntry } from '../aws/function-log.ts';
import type { Answered } from '../aws/gateway.ts';
import type { Invoked } from '../aws/lambdas.ts';
import { entryLine } from './entry-line.ts';
import type { Places } from './facts.ts';
import { invocationLine } from './invocation-line.ts';
import { requestLine } from './request-line.ts';
import { formatted, type Paint, type WorkLine } from './work-line.ts';

/** Prints what happens, as it ends. */
export interface WorkTeller {
  readonly onAnswered: (answered: Answered) => void;
  readonly onLogged: (entry: LogEntry) => void;
  readonly onInvoked: (invoked: Invoked) => void;
}

export interface WorkTellerNeeds {
  readonly print: (line: string) => void;
  readonly paint: Paint;
  readonly places: Places;
}

/** A schedule of a few seconds meets the same trouble every few seconds. */
const REPEAT_MS = 60_000;

/** Prints a line for each request, each move of an operation and what else functions did; the same trouble once a minute. */
export function createWorkTeller({ print, paint, places }: WorkTellerNeeds): WorkTeller {
  const toldAt = new Map<string, number>();
  const tell = (line: WorkLine) => {
    print(formatted(line, paint));
  };
  const isRepeated = ({ what, order, words, at }: WorkLine) => {
    const now = at.getTime();
    for (const [told, then] of toldAt) if (now - then >= REPEAT_MS) toldAt.delete(told);
    const key = [what, order, words].join('\n');
    if (toldAt.has(key)) return true;
    toldAt.set(key, now);
    return false;
  };
  const tellTrouble = (line: WorkLine | null) => {
    if (line === null) return;
    if ((line.outcome === 'warning' || line.outcome === 'error') && isRepeated(line)) return;
    tell(line);
  };
  return {
    onAnswered: (answered) => {
      tell(requestLine(answered));
    },
    onLogged: (entry) => {
      tellTrouble(entryLine(entry, places));
    },
    onInvoked: (invoked) => {
      tellTrouble(invocationLine(invoked, places));
    },
  };
}
