import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { redact } from '../../functions/runtime/redact.ts';

const digits = (count: number) => fc.stringMatching(new RegExp(`^[0-9]{${count}}$`));
const word = fc.constantFrom('order', 'pedido', 'refused for', 'the', '—', '(', 'said "', 'reason:', 'é');
const around = (value: string, before: string, after: string) => `${before} ${value} ${after}`;

describe('redact', () => {
  it.each([
    ['an e-mail', 'write to maria.silva+x@loja.com.br now', 'maria'],
    ['an e-mail in a query', 'email=maria%40loja.com.br', 'maria'],
    ['a CPF', 'CPF 529.982.247-25', '247'],
    ['a bare CPF', 'cpf=52998224725', '5299'],
    ['a CPF stuck to its label', 'CPF52998224725', '5299'],
    ['a CNPJ', 'CNPJ 11.222.333/0001-81', '222'],
    ['a bare CNPJ', '11222333000181', '222'],
    ['a CNPJ with letters', '12.ABC.345/01DE-35', 'ABC'],
    ['a Brazilian mobile', '(11) 98765-4321', '4321'],
    ['a Brazilian mobile with a country code', '+55 11 98765-4321', '4321'],
    ['a Brazilian mobile with spaces', '11 98765 4321', '4321'],
    ['a Brazilian landline', '(11) 3456-7890', '7890'],
    ['an Indonesian mobile', '0812-3456-7890', '7890'],
    ['an Indonesian mobile with a country code', '+62 812 3456 7890', '7890'],
    ['an Indonesian mobile without a plus', '6281234567890', '7890'],
    ['an Indonesian landline', '(021) 555-1234', '1234'],
    ['an American phone', '+1 (212) 555-0199', '0199'],
    ['a bearer token', 'Authorization: Bearer abc.DEF-123', 'abc'],
    ['an Estoka token', 'Authorization: Token token=s3cr3t', 's3cr3t'],
    ['a quoted Estoka token', 'Token token="s3cr3t"', 's3cr3t'],
    ['a token of our own', 'cm_abcdefghijklmnopqrstuvwxyz0123456789_-ABCDE', 'abcdef'],
    ['a key in JSON', '{"api_key":"9f86d081884c7d659a2feaa0c55ad015"}', '9f86'],
    ['a key in escaped JSON', '{\\"apiKey\\":\\"9f86d081884c7d659a2feaa0c55ad015\\"}', '9f86'],
    ['a secret in prose', 'the secret is c2VjcmV0LXNlY3JldC1zZWNyZXQx', 'c2Vj'],
    ['a password', 'password=hunter2', 'hunter2'],
  ])('strikes out %s', (_, text, canary) => {
    expect(redact(text)).not.toContain(canary);
    expect(redact(text)).toContain('[redacted]');
  });

  it.each([
    'order 340 of organization 1 was refused: already delivered',
    'order 123456789',
    'loja-rio:340:1',
    '2026-08-01T12:34:56.789Z',
    '2026-08-01 12:34:56',
    '2018-11-28T10:00:00.000-02:00',
    '3f2504e0-4f89-41d3-9a0c-0305e82c3301',
    '00000000-0000-4000-8000-123456789012',
    '{"orderId":"1338","attempts":1,"durationMs":15002}',
    'R$ 1.234.567,89',
    'The token is missing.',
    'Error: at file:///var/task/index.mjs:12345:678',
  ])('leaves %s as it is', (text) => {
    expect(redact(text)).toBe(text);
  });

  it('strikes e-mails and numbers of people out wherever they stand', () => {
    const email = fc.tuple(
      fc.stringMatching(/^[a-z0-9._-]{3,20}$/),
      fc.stringMatching(/^[a-z]{2,10}\.(com|com\.br|co\.id)$/),
    );
    const number = fc.oneof(
      digits(11),
      digits(14),
      digits(9).map((rest) => `${rest.slice(0, 3)}.${rest.slice(3, 6)}.${rest.slice(6)}-09`),
      digits(8).map((rest) => `(11) 9${rest.slice(0, 4)}-${rest.slice(4)}`),
      digits(8).map((rest) => `+62 812 ${rest.slice(0, 4)} ${rest.slice(4)}`),
    );
    fc.assert(
      fc.property(email, number, word, word, ([local, domain], phone, before, after) => {
        const mail = `${local}@${domain}`;
        const text = redact(around(`${mail} ${phone}`, before, after));
        expect(text).not.toContain(mail);
        expect(text).not.toContain(phone);
      }),
    );
  });

  it('never changes order ids, times, UUIDs and operation ids', () => {
    const orderId = fc.stringMatching(/^[1-9][0-9]{0,8}$/);
    const connection = fc.stringMatching(/^[a-z0-9][a-z0-9-]{0,30}$/).filter((name) => /[a-z]/.test(name));
    const kept = fc.oneof(
      orderId,
      fc
        .date({ noInvalidDate: true, min: new Date('2000-01-01'), max: new Date('2099-12-31') })
        .map((date) => date.toISOString()),
      fc.uuid(),
      fc.tuple(connection, orderId, fc.integer({ min: 1, max: 999 })).map((parts) => parts.join(':')),
    );
    fc.assert(
      fc.property(kept, word, word, (value, before, after) => {
        expect(redact(around(value, before, after))).toBe(around(value, before, after));
      }),
      { numRuns: 2000 },
    );
  });

  it('changes nothing more when applied again', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 200 }), (text) => {
        expect(redact(redact(text))).toBe(redact(text));
      }),
    );
  });

  it.each(['a', '1', '1 ', 'a.', '-', 'token ', 'key=', '+1', 'a@', '(', '0', 'cm_'])(
    'takes no more than a moment for 20,000 times %j',
    (piece) => {
      const startedAt = performance.now();
      redact(piece.repeat(20_000));
      expect(performance.now() - startedAt).toBeLessThan(2_000);
    },
  );
});
