import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { hasErrors, plainText, wordsOf } from '../../functions/providers/words.ts';

const words = (body: string) => wordsOf({ status: 422, body });

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
    [
      'messages by field, numbers among them',
      { response: 'Failed', message: { amount: ['too low', 0] } },
      'amount: too low, 0',
    ],
    ['the word for failure where all else is numbers', { response: 'Failed', message: { amount: [0] } }, 'Failed'],
    ['a text beside a code', { errors: { code: 12, message: 'não pode' } }, 'code: 12; message: não pode'],
    ['a message behind a code for no error', { error: 0, message: 'Already paid' }, 'Already paid'],
    ['nothing but the word for failure', { response: 'Gagal', message: null }, 'Gagal'],
    ['errors before all else', { response: 'Failed', message: 'm', messages: 'ms', error: 'e', errors: 'es' }, 'es'],
    ['an error before a message', { response: 'Failed', message: 'm', messages: 'ms', error: 'e', errors: [] }, 'e'],
    ['messages before a message', { response: 'Failed', message: 'm', messages: 'ms', error: '' }, 'ms'],
    ['a message before the response', { response: 'Failed', message: 'm', messages: {} }, 'm'],
    ['what is numbered', { errors: { 0: 'um', 12: 'dois' } }, 'um; dois'],
    ['fields with a number in their names', { errors: { '1a': 'um', a1: 'dois' } }, '1a: um; a1: dois'],
    ['the fields that say something', { errors: { status: [], code: ' ', total: null, base: 'não pode' } }, 'não pode'],
    ['what is no text, not at all', { errors: [true, null, 'não pode'] }, 'não pode'],
    ['six levels, and no more', { errors: [[[[['cinco']]]]], message: 'm' }, 'cinco'],
    ['five fields in each other', { errors: { a: { b: { c: { d: { e: 'x' } } } } } }, 'a: b: c: d: e: x'],
    ['five fields in each other, and not six', { errors: { a: { b: { c: { d: { e: { f: 'x' } } } } } } }, 'HTTP 422'],
    ['six levels, and not seven', { errors: [[[[[['seis']]]]]], message: 'm' }, 'm'],
    ['strings in an array', ['um', { status: 'dois' }], 'um; status: dois'],
    ['a number', 0, 'HTTP 422'],
    ['null', null, 'HTTP 422'],
    ['a bare string', 'não pode', 'não pode'],
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

  it('are the text of a page, without what a browser does not show', () => {
    const shown = (page: string) => plainText(page);
    expect(shown('<!DOCTYPE html>\n<?xml version="1.0"?><p class="a">Não</P >')).toBe('Não');
    expect(shown('a<STYLE type="x">\n b { }\n</Style  >c<style>d</style>e')).toBe('a c e');
    expect(shown('a<script src="x">b</script>c<script>d</script >e')).toBe('a c e');
    expect(shown('<head><title>x</title></head><header>Não</header>')).toBe('Não');
    expect(shown('<br/>a<br>b<BR>c')).toBe('a b c');
    expect(shown('a<script>b')).toBe('a b');
  });

  it('keep a word together that has a tag in it', () => {
    expect(plainText('de Jo<b>ão</b> e M<SPAN class="x">ari</SPAN>a<wbr>na<p>já</p>saiu')).toBe(
      'de João e Mariana já saiu',
    );
  });

  it('keep nothing that could begin a tag', () => {
    expect(plainText('Não <strong')).toBe('Não strong');
    expect(plainText('<<b>b>x <<<!a </p <?q')).toBe('b>x !a /p ?q');
    expect(plainText('<<p>p>x')).toBe('< p>x');
    expect(plainText('<P')).toBe('P');
  });

  it('are one line, whatever parts them', () => {
    expect(plainText('&nbsp;a&nbsp; \u00a0b\r\n\tc\u0000\u0007d  e ')).toBe('a b c d e');
  });

  it('are looked for in the first 20,000 characters of a body', () => {
    expect(words(`${' '.repeat(19_999)}late`)).toBe('l');
    expect(words(`${' '.repeat(20_000)}late`)).toBe('HTTP 422');
  });

  it('are whole up to 2,000 characters', () => {
    expect(plainText('x'.repeat(2_000))).toBe('x'.repeat(2_000));
    expect(plainText('x'.repeat(2_001))).toBe(`${'x'.repeat(1_999)}…`);
    expect(plainText(`${'x'.repeat(1_997)}😀${'x'.repeat(9)}`)).toBe(`${'x'.repeat(1_997)}😀…`);
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

  it.each(['<', '<<a', '<a', '< ', '&nbsp;', '<!'])('take no longer than their length allows: %s', (piece) => {
    const startedAt = performance.now();
    words(piece.repeat(20_000));
    expect(performance.now() - startedAt).toBeLessThan(1_000);
  });

  it('survive a body that is nested deeply', () => {
    expect(words(`${'['.repeat(50_000)}${']'.repeat(50_000)}`)).toBe('HTTP 422');
  });
});

describe('a body', () => {
  it.each([
    { errors: 'não pode' },
    { errors: [{ status: ['não pode'] }] },
    { errors: {}, error: 'Not Found' },
    { error: { code: 0, message: 'Pedido já faturado' } },
    { error: 'unsuccessful' },
    { error: 'não cancelado com sucesso' },
    { error: 'E1042' },
  ])('has errors in %j', (json) => {
    expect(hasErrors(json)).toBe(true);
  });

  const NONE = [
    ...[0, 1, 200, '0', '00', '200', '200 OK', 'HTTP/1.1 200 OK', 'E0', 'ERR-000', '0x0', '', ' ', true, false, null],
    ...['false', 'none', 'null', 'ok', 'N/A', 'No', 'nenhum', 'tidak ada kesalahan', 'No errors', 'Sem erros', '-'],
    ...['success', 'Order cancelled successfully', 'Pedido cancelado com sucesso', 'Berhasil', 'sukses'],
    ...[
      [],
      {},
      ['0'],
      { code: 0 },
      { code: '0', message: '' },
      { count: 0 },
      { code: 200, message: 'OK' },
      [{ a: [0] }],
    ],
  ];
  it.each([
    ...['0 errors', '0 error(s)', 'NO_ERROR', 'no-error', 'noError', 'SEM_ERRO', 'ERR_NONE', 'E_OK', 'S_OK', '00 - OK'],
    ...['não há erros', 'Não houve erro', 'tidak ada', 'Zero erros', 'Nenhuma falha', '0: No error', 'errors: 0'],
    ...['There were no errors.', 'There are no errors', 'No issues', 'Não ocorreu nenhum erro', 'Não ocorreram erros'],
    ...['Sem falhas', 'Sem pendências', 'Tidak terjadi kesalahan', 'Nenhuma ocorrência', 'Nada consta', 'None found'],
    ...[
      'NOERROR',
      'noErr',
      '(none)',
      '"none"',
      'N/D',
      'code: 0',
      'Error code: 0',
      'errorCode=0',
      'status: ok',
      'tudo ok',
    ],
  ])('has none where errors are said to be none: %s', (none) => {
    expect(hasErrors({ errors: none })).toBe(false);
  });

  it.each([
    '10 erros',
    '1 error',
    'Não há estoque',
    'tidak ada stok',
    'Erro 10',
    'No stock',
    '0 dias para cancelar',
    'There are no items',
    'code: 10',
    'None of it may be cancelled',
    'Sem falha não há estorno',
    'status: sent',
  ])('has errors where they begin like none: %s', (words) => {
    expect(hasErrors({ errors: words })).toBe(true);
  });

  it.each(NONE)('has none where errors are %j, nor words for any', (none) => {
    expect(hasErrors({ errors: none })).toBe(false);
    expect(hasErrors({ error: none })).toBe(false);
    expect(words(JSON.stringify({ error: none, errors: none }))).toBe('HTTP 422');
  });

  it.each([
    undefined,
    null,
    'errors',
    5,
    ['errors'],
    {},
    { errors: [] },
    { errors: '', error: null },
    { message: 'não' },
  ])('has none in %j', (json) => {
    expect(hasErrors(json)).toBe(false);
  });
});
