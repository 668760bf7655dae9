import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { openFunctionLog, type FunctionLog, type LogEntry } from '../../../../infra/local/aws/function-log.ts';

const directory = mkdtempSync(join(tmpdir(), 'countermand-function-log-'));
const path = join(directory, 'functions.log');
let complaints: string[];
let told: LogEntry[];
let log: FunctionLog;
beforeEach(() => {
  complaints = [];
  told = [];
  log = openFunctionLog(path, {
    complain: (line) => complaints.push(line),
    tell: (entry) => told.push(entry),
  });
});
afterEach(() => {
  log.close();
  rmSync(path, { force: true });
});
afterAll(() => {
  rmSync(directory, { recursive: true });
});

const AT = '2026-12-01T01:50:17.937Z';
const lineOf = (message: string, fields: Record<string, unknown> = {}, level = 'INFO') =>
  `${JSON.stringify({ time: AT, level, message, function: 'settle-operations', requestId: Math.random().toString(36), ...fields })}\n`;
const written = () => readFileSync(path, 'utf8').trimEnd().split('\n');

describe('the functions’ log', () => {
  it('keeps every line as it was written, and tells of those that functions logged', () => {
    const take = log.openOutput('Countermand-settle-operations');
    const line = lineOf('OPERATION_MOVED', { operation: 'loja-rio:340:1', outcome: 'confirmed' });
    take(`plain words\n${line.slice(0, 30)}`, null);
    take(`${line.slice(30)}{"time": "no entry"}\n`, Date.parse(AT) - 19);
    expect(written()).toEqual(
      ['plain words', line.trimEnd(), '{"time": "no entry"}'].map((text): unknown =>
        expect.stringMatching(new RegExp(`^\\S+Z Countermand-settle-operations ${escaped(text)}$`)),
      ),
    );
    expect(told).toEqual([
      {
        ...{ at: new Date(AT), level: 'INFO', code: 'OPERATION_MOVED', functionName: 'settle-operations', ms: 19 },
        fields: { operation: 'loja-rio:340:1', outcome: 'confirmed' },
      },
    ]);
  });

  it('parts the lines of environments that write at the same time', () => {
    const [one, other] = [log.openOutput('work'), log.openOutput('work')];
    one('first ', null);
    other('second\n', null);
    one('line\n', null);
    expect(written()).toEqual([expect.stringMatching(/work second$/), expect.stringMatching(/work first line$/)]);
  });

  it('has no time of an invocation for a line that came after the next one began', () => {
    log.openOutput('work')(lineOf('OPERATION_MOVED'), Date.parse(AT) + 5);
    expect(told).toMatchObject([{ ms: null }]);
  });

  it('tells a settling run that came to nothing only where something has changed, and each that did something', () => {
    const run = (fields: Record<string, unknown> = {}) =>
      lineOf('SETTLE_RUN_ENDED', { settled: 0, open: 0, failed: 0, halted: {}, ...fields });
    const take = log.openOutput('Countermand-settle-operations');
    const runs = [{}, {}, { settled: 1 }, { settled: 1 }, {}, { halted: { shop: 'paused' } }];
    for (const fields of [...runs, { halted: { shop: 'paused' } }, {}, {}]) take(run(fields), null);
    const kept = [{}, { settled: 1 }, { settled: 1 }, { halted: { shop: 'paused' } }, {}];
    expect(told.map(({ fields }) => fields)).toEqual(kept.map((fields): unknown => expect.objectContaining(fields)));
    expect(written()).toHaveLength(kept.length);
  });

  it('shows what goes wrong with a function to nobody but whom it tells: an entry has a stack of calls', () => {
    const error = { name: 'TypeError', message: 'no', stack: 'TypeError: no\n    at somewhere' };
    log.openOutput('work')(lineOf('REQUEST_FAILED', { error }, 'ERROR'), null);
    log.note('work failed: TypeError: no\n    at somewhere');
    expect(told).toMatchObject([{ level: 'ERROR', code: 'REQUEST_FAILED', fields: { error } }]);
    expect(complaints).toEqual([]);
    expect(written().at(-1)).toContain('at somewhere');
  });

  it('keeps what the runner itself complains of', () => {
    log.error('The database ended.');
    expect(complaints).toEqual(['The database ended.']);
    expect(written()).toEqual([expect.stringMatching(/ runner The database ended\.$/)]);
  });
});

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
