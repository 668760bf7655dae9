import { describe, expect, it } from '@jest/globals';
import type { LogEntry } from '../../../../infra/local/aws/function-log.ts';
import { createWorkTeller } from '../../../../infra/local/lines/work-teller.ts';

const lines: string[] = [];
const teller = createWorkTeller({
  print: (line) => lines.push(line),
  paint: (_, text) => text,
  places: { functionLog: 'functions.log', connectionsFile: 'connections.json' },
});
const at = (second: number) => new Date(Date.UTC(2026, 11, 1, 1, 0, second));
const entry = (second: number, code: string, given: Partial<LogEntry> = {}): LogEntry => ({
  ...{ at: at(second), level: 'WARN', code, functionName: 'settle-operations', ms: 5, fields: { connection: 'shop' } },
  ...given,
});
const told = (tell: () => void) => {
  lines.length = 0;
  tell();
  return lines.length;
};

describe('what is told of work', () => {
  it('has the same trouble once a minute, however often it comes', () => {
    expect(
      told(() => {
        for (let second = 0; second < 120; second += 5)
          teller.onLogged(entry(second, 'PROVIDER_NOT_REACHED', { ms: second }));
      }),
    ).toBe(2);
  });

  it('has trouble that differs each time', () => {
    expect(
      told(() => {
        teller.onLogged(entry(200, 'PROVIDER_NOT_REACHED'));
        teller.onLogged(entry(200, 'PROVIDER_NOT_REACHED', { fields: { connection: 'other' } }));
        teller.onLogged(entry(200, 'PROVIDER_REPLY_LOST'));
        teller.onLogged(entry(200, 'PROVIDER_REPLY_LOST', { functionName: 'cancel-order' }));
      }),
    ).toBe(4);
  });

  it('has every move and every request, also the same again', () => {
    const fields = { operation: 'shop:1:1', outcome: 'pending', detail: 'provider_unreachable', attempts: 1 };
    const reply = { status: 404, headers: [], body: Buffer.alloc(0) };
    expect(
      told(() => {
        for (let time = 0; time < 3; time += 1) {
          teller.onLogged(entry(300, 'OPERATION_MOVED', { level: 'INFO', fields }));
          teller.onAnswered({ at: at(300), method: 'GET', target: '/', match: null, reply, ms: 1, isHeard: true });
        }
      }),
    ).toBe(6);
  });

  it('has a function that fails again and again once a minute', () => {
    const error = { errorType: 'Error', errorMessage: 'no', trace: [] };
    expect(
      told(() => {
        for (const second of [400, 401, 402])
          teller.onInvoked({
            ...{ at: at(second), functionName: 'Countermand-run-exports', event: { source: 'aws.events' }, ms: second },
            result: { kind: 'failed', error },
          });
      }),
    ).toBe(1);
  });
});
