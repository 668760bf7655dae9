import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { createLogger } from '../../functions/runtime/logger.ts';

describe('the logger', () => {
  let lines: string[];
  beforeEach(() => {
    lines = [];
    const keep = (chunk: unknown) => {
      lines.push(String(chunk));
      return true;
    };
    jest.spyOn(process.stdout, 'write').mockImplementation(keep);
    jest.spyOn(process.stderr, 'write').mockImplementation(keep);
  });
  afterEach(() => {
    jest.restoreAllMocks();
  });

  const entries = () => lines.map((line) => JSON.parse(line) as Record<string, unknown>);

  it('writes one JSON line per entry: time, level, code, function, request and fields', () => {
    const log = createLogger('cancel-order');
    log.info('REQUEST_ANSWERED');
    log.begin('request-1');
    log.warn('PROVIDER_NOT_REACHED', { orderId: '340', attempts: 2 });
    expect(entries()).toEqual([
      { time: expect.any(String), level: 'INFO', message: 'REQUEST_ANSWERED', function: 'cancel-order' },
      {
        time: expect.stringMatching(/^\d{4}-.*Z$/),
        level: 'WARN',
        message: 'PROVIDER_NOT_REACHED',
        function: 'cancel-order',
        requestId: 'request-1',
        orderId: '340',
        attempts: 2,
      },
    ]);
  });

  it('redacts texts, numbers, keys and errors, however deep', () => {
    const cause = new Error('reply of maria@loja.com.br');
    createLogger('cancel-order').error('REQUEST_FAILED', {
      error: new Error('Bearer abcdef was rejected', { cause }),
      list: [{ cpf: 52998224725, 'maria@loja.com.br': '(11) 98765-4321' }],
    });
    expect(lines.join('')).not.toMatch(/maria|abcdef|52998224725|98765/);
    expect(lines.join('')).toContain('was rejected');
  });

  it('shows the id of an order as it is, also where it looks like a telephone number', () => {
    createLogger('settle-operations').error('SETTLE_FAILED', { orderId: '11987654321', error: 'of 11987654321' });
    createLogger('settle-operations').error('SETTLE_FAILED', { orderId: 'maria@loja.com.br' });
    expect(entries()).toMatchObject([{ orderId: '11987654321', error: 'of [redacted]' }, { orderId: '[redacted]' }]);
  });

  it.each([
    { operation: 'loja:1234567890:1' },
    { operation: 'loja-2:123456789012345678:12' },
    { order: 'loja:11987654321' },
  ])('shows the order in %j', (fields) => {
    createLogger('settle-operations').info('OPERATION_MOVED', fields);
    expect(entries()).toMatchObject([fields]);
  });

  it.each(['maria@loja.com.br:1:1', '11987654321:340:1', 'loja:11987654321'])(
    'takes %s for no operation',
    (operation) => {
      createLogger('settle-operations').info('OPERATION_MOVED', { operation });
      expect(entries()[0]?.['operation']).toContain('[redacted]');
    },
  );

  it('survives what JSON cannot hold', () => {
    const endless: Record<string, unknown> = {};
    endless['self'] = endless;
    createLogger('cancel-order').info('SETTLE_RUN_ENDED', { endless, big: 5n, nothing: undefined });
    expect(entries()).toHaveLength(1);
  });

  it('lets no field take the place of the entry’s own', () => {
    createLogger('cancel-order').info('OPERATION_MOVED', { message: 'x', function: 'y', time: 'z' });
    expect(entries()[0]).toMatchObject({ message: 'OPERATION_MOVED', function: 'cancel-order' });
  });
});
