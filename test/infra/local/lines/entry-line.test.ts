import { describe, expect, it } from '@jest/globals';
import { LOG_CODES } from '../../../../functions/runtime/log-codes.ts';
import type { LogEntry } from '../../../../infra/local/aws/function-log.ts';
import { entryLine } from '../../../../infra/local/lines/entry-line.ts';
import { formatted } from '../../../../infra/local/lines/work-line.ts';

const places = { functionLog: '.countermand/functions.log', connectionsFile: '.countermand/connections.json' };

const entry = (code: string, fields: Record<string, unknown> = {}, given: Partial<LogEntry> = {}): LogEntry => ({
  ...{ at: new Date('2026-12-01T01:50:17.937Z'), level: 'INFO', code, functionName: 'cancel-order', ms: 19, fields },
  ...given,
});
const printed = (one: LogEntry) => {
  const line = entryLine(one, places);
  return line === null ? null : formatted(line, (_, text) => text).replace(/^\S+ +/, '');
};
const moved = (outcome: string, detail: string, attempts = 1) => ({
  operation: 'loja-rio:340:1',
  outcome,
  detail,
  attempts,
});
const warning = { level: 'WARN' } as const;
const error = { level: 'ERROR' } as const;
const settling = { functionName: 'settle-operations' };

describe('the line of what a function logged', () => {
  it.each<[string, LogEntry, string]>([
    [
      'a move',
      entry('OPERATION_MOVED', moved('confirmed', 'cancelled')),
      'confirmed           19 ms  cancel-order          loja-rio:340:1    cancelled',
    ],
    [
      'a move after a second ask',
      entry('OPERATION_MOVED', moved('confirmed', 'cancelled', 2), settling),
      'confirmed           19 ms  settle-operations     loja-rio:340:1    cancelled, ask 2',
    ],
    [
      'an operation that is parked',
      entry('OPERATION_NEEDS_ATTENTION', moved('needs_attention', 'unknown_reply', 2), { ...error, ...settling }),
      'needs_attention     19 ms  settle-operations     loja-rio:340:1    unknown_reply, ask 2: a person has to look. GET /v1/operations/loja-rio:340:1 shows why.',
    ],
    [
      'a lost answer',
      entry(
        'PROVIDER_REPLY_LOST',
        {
          connection: 'loja-rio',
          provider: 'estoka',
          method: 'POST',
          path: '/x',
          durationMs: 5001,
          problem: 'timed_out',
          code: 'TIMED_OUT',
        },
        warning,
      ),
      'warning             19 ms  cancel-order          loja-rio          A request may have reached a provider, but its reply never arrived, or not all of it: timed_out.',
    ],
    [
      'a credential that is rejected',
      entry('CONNECTION_NEEDS_REAUTH', { connection: 'toko-jaya', provider: 'ngorder' }, error),
      "error               19 ms  cancel-order          toko-jaya         A provider rejects a connection's credential. No more calls are made for the connection until another credential is stored. Store it in .countermand/connections.json.",
    ],
    [
      'a settling run that came to something',
      entry(
        'SETTLE_RUN_ENDED',
        { settled: 1, open: 2, takenByAnother: 0, failed: 0, halted: { 'toko-jaya': 'needs_reauth' } },
        settling,
      ),
      'settle-operations     A settling run ended: settled 1, open 2, toko-jaya needs_reauth.',
    ],
    [
      'a settling run that came to nothing',
      entry('SETTLE_RUN_ENDED', { settled: 0, open: 0, failed: 0, halted: {} }, settling),
      'settle-operations     A settling run ended: nothing was due.',
    ],
    [
      'what threw',
      entry(
        'SETTLE_FAILED',
        {
          connection: 'loja-rio',
          orderId: '7',
          error: { name: 'TypeError', message: 'x is not y', stack: 'TypeError: x\n  at z' },
        },
        error,
      ),
      'error               19 ms  cancel-order          loja-rio:7        Settling one operation failed: x is not y. A later run tries again. .countermand/functions.log has more.',
    ],
    [
      'an error in words',
      entry('SETTLE_FAILED', { connection: 'loja-rio', orderId: '7', error: 'Error: x is not y' }, error),
      'error               19 ms  cancel-order          loja-rio:7        Settling one operation failed: Error: x is not y. A later run tries again. .countermand/functions.log has more.',
    ],
    [
      'a command that is buried',
      entry(
        'COMMAND_BURIED',
        { command: 'c', reason: 'unknown-connection', explanation: 'There is no connection of this name.' },
        error,
      ),
      'error               19 ms  cancel-order          A queued command can never work, or failed in every delivery: There is no connection of this name. It is in the dead-letter queue. .countermand/functions.log has more.',
    ],
    [
      'a webhook',
      entry('WEBHOOK_IGNORED', { webhook: 'estoka', why: 'not_about_a_cancel' }),
      'cancel-order          estoka            A webhook was acknowledged and nothing was done, because it asks for nothing: not_about_a_cancel.',
    ],
    [
      'an export',
      entry('EXPORT_FINISHED', { exportId: 'x', rows: 3, pages: 1, fileBytes: 2000 }),
      'cancel-order          The workbook of an export is in the bucket: rows 3, pages 1, file bytes 2000.',
    ],
    [
      'a code that is not known',
      entry('SOMETHING_NEW', { connection: 'loja-rio' }),
      'cancel-order          loja-rio          SOMETHING_NEW.',
    ],
  ])('tells of %s', (_, one, text) => {
    const line = printed(one);
    expect(line?.replace(/^19 ms +/, '')).toBe(text);
  });

  it('leaves out what the request’s own line has, and each call that was answered', () => {
    expect(printed(entry('REQUEST_ANSWERED', { route: 'GET /', caller: 'local', status: 200 }))).toBeNull();
    expect(printed(entry('PROVIDER_REPLIED', { connection: 'loja-rio', status: 200 }))).toBeNull();
  });

  it.each(Object.keys(LOG_CODES))('has no stack of calls, whatever %s says', (code) => {
    const thrown = {
      name: 'Error',
      message: 'no\n    at inside (file.ts:1:1)',
      stack: 'Error: no\n    at f (file.ts:1:1)',
      cause: { stack: 'at g' },
    };
    for (const level of ['INFO', 'WARN', 'ERROR'] as const) {
      expect(printed(entry(code, { error: thrown, problems: ['a'], vetoes: ['paid'] }, { level })) ?? '').not.toMatch(
        /\n|at f |at g|at inside/,
      );
    }
  });
});
