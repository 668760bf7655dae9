import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { plainText, wordsOf } from '../../functions/providers/words.ts';

const words = (body: string) => wordsOf({ kind: 'reply', status: 422, contentType: '', retryAfterMs: null, body });

describe('the words of a refusal', () => {
  it.each([
    ['a string', { errors: 'não pode' }, 'não pode'],
    ['strings', { errors: ['um', 'dois'] }, 'um; dois'],
    [
      'strings by field',
      { errors: { status: ['não permite', 'inválido'], code: 'em branco' } },
      'status: não permite, inválido; code: em branco',
    ],
    ['what concerns no field', { errors: { base: ['não pode'] } }, 'não pode'],
    [
      'fields in an array',
      { errors: [{ 'order.status': ['inválido'] }], error_details: [{}] },
      'order.status: inválido',
    ],
    ['messages', { errors: { messages: { status: ['inválido'] } } }, 'status: inválido'],
    ["Rails' own error", { status: 404, error: 'Not Found' }, 'Not Found'],
    ['a message', { response: 'Failed', message: 'Already paid', data: null }, 'Already paid'],
    ['messages by field, numbers among them', { response: 'Failed', message: { amount: [0] } }, 'amount: 0'],
    ['nothing but the word for failure', { response: 'Gagal', message: null }, 'Gagal'],
    ['a bare string', 'no', 'no'],
    ['nothing', {}, 'HTTP 422'],
    ['empty errors', { errors: {} }, 'HTTP 422'],
  ])('are taken from %s', (_shape, body, expected) => {
    expect(words(JSON.stringify(body))).toBe(expected);
  });

  it('are taken from plain text and from a page, and are the HTTP status where there is nothing', () => {
    expect(words('Retry later\n')).toBe('Retry later');
    expect(
      words('<html><head><title>x</title></head><body><h1>No</h1><script>if (a<b) x()</script></body></html>'),
    ).toBe('No');
    expect(words('')).toBe('HTTP 422');
  });

  it('keep a smaller-than sign that is no tag', () => {
    expect(plainText('5 < 6 and <strong>7</strong> > 3')).toBe('5 < 6 and 7 > 3');
  });

  it('are one line of 1 to 2,000 characters without tags, for every body there can be', () => {
    const shape = fc.oneof(
      fc.json(),
      fc.string(),
      fc.record({ errors: fc.anything() }).map((value) => JSON.stringify(value)),
      fc
        .array(fc.constantFrom('<', '>', '<b>', '</b>', '<script', '</script>', '!', '/', 'a', ' ', '\n'))
        .map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(shape, (body) => {
        const line = words(body);
        expect(line.length).toBeGreaterThan(0);
        expect(line.length).toBeLessThanOrEqual(2_000);
        expect(line).not.toMatch(/[\n\r\t\0]|<[a-z/!?][^<>]*>/i);
      }),
      { numRuns: 2_000 },
    );
  });

  it('do not break a character in two where they are cut', () => {
    const line = plainText('x'.repeat(1_998) + '😀'.repeat(5));
    expect(line).toBe(`${'x'.repeat(1_998)}…`);
  });

  it('survive a body that is nested deeply', () => {
    expect(words(`${'['.repeat(50_000)}${']'.repeat(50_000)}`)).toBe('HTTP 422');
  });
});
