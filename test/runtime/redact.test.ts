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
    ['a CPF with en dashes and dots of another width', 'CPF 529．982．247–25', '247'],
    ['a CPF with half of its punctuation', '529.982.24725', '247'],
    ['a CPF with the other half of it', '529982247-25', '247'],
    ['a CPF with zero-width characters', '529\u200b982\u200b247\u200b25', '247'],
    ['a CPF with spaces that do not break', '529\u00a0982\u00a0247\u00a025', '247'],
    ['a CPF in digits of full width', '５２９９８２２４７２５', '２４７'],
    ['a CPF with signs of its writer’s own', 'CPF: 52-998-224-725', '224'],
    ['a CPF as HTML writes it', '529&#46;982&#46;247&#45;25', '247'],
    ['a CPF as an address writes it', 'cpf=529%2E982%2E247%2D25', '247'],
    ['a CPF as JSON writes it', '"529\\u2011982\\u2011247\\u201125"', '247'],
    ['a CPF with commas', '529,982,247-25', '247'],
    ['a CPF with commas only', '529,982,247,25', '247'],
    ['a CPF behind a label with dots', 'C.P.F. 123,456,789,00', '456'],
    ['a CPF in Arabic digits', '٥٢٩.٩٨٢.٢٤٧-٢٥', '٢٤٧'],
    ['a CPF in Bengali digits', '৫২৯৯৮২২৪৭২৫', '২৪৭'],
    ['a CNPJ with commas', '11,222,333/0001-81', '222'],
    ['a card', '4111 1111 1111 1111', '1111'],
    ['a card with dashes', '5500-0000-0000-0004', '0000'],
    ['a card of fifteen digits', '3782 822463 10005', '822463'],
    ['a mobile with underscores', '11_98765_4321', '4321'],
    ['an Indonesian mobile with underscores', '0812_3456_7890', '7890'],
    ['a phone behind a UUID', '3F2504E0-4F89-41D3-9A0C-030512345678 11987654321', '98765'],
    ['a CNPJ with half of its punctuation', '11222333/000181', '222'],
    ['a CNPJ with other dashes', '11.222.333/0001−81', '222'],
    ['a CNPJ with letters and little else', '12ABC345/01DE35', 'ABC'],
    ['a CNPJ with letters and nothing else', '12ABC34501DE35', 'ABC'],
    ['a Brazilian mobile with half of its punctuation', '1198765-4321', '4321'],
    ['a Brazilian mobile with another dash', '(11) 98765‑4321', '4321'],
    ['a Brazilian mobile without its area, with a space', '98765 4321', '4321'],
    ['a Brazilian landline with spaces', '11 3456 7890', '7890'],
    ['an Indonesian mobile with half of its punctuation', '08123456-7890', '7890'],
    ['an Indonesian mobile with another dash', '0812–3456–7890', '7890'],
    ['an Indonesian landline with half of its punctuation', '021555-1234', '1234'],
    ['an Indonesian tax number', '09.254.294.3-407.000', '407'],
    ['an Indonesian identity number', 'NIK 3201-0112-3456-0001', '0112'],
    ['a phone with slashes', '+55/11/98765/4321', '4321'],
    ['an e-mail with accents', 'joão.conceição@loja.com.br', 'joão'],
    ['an e-mail whose accents are apart', 'joa\u0303o@loja.com.br', 'joa'],
    ['an e-mail of another script', 'почта@магазин.рф', 'почта'],
    ['an e-mail with a sign of full width', 'maria＠loja．com．br', 'maria'],
    ['an e-mail as HTML writes it', 'maria&#64;loja&period;com', 'maria'],
    ['a bearer token', 'Authorization: Bearer abc.DEF-123', 'abc'],
    ['an Estoka token', 'Authorization: Token token=s3cr3t', 's3cr3t'],
    ['a quoted Estoka token', 'Token token="s3cr3t"', 's3cr3t'],
    ['a token of our own', 'cm_abcdefghijklmnopqrstuvwxyz0123456789_-ABCDE', 'abcdef'],
    ['a key in JSON', '{"api_key":"9f86d081884c7d659a2feaa0c55ad015"}', '9f86'],
    ['a key in escaped JSON', '{\\"apiKey\\":\\"9f86d081884c7d659a2feaa0c55ad015\\"}', '9f86'],
    ['a secret in prose', 'the secret is c2VjcmV0LXNlY3JldC1zZWNyZXQx', 'c2Vj'],
    ['a password', 'password=hunter2', 'hunter2'],
    ['a password before a sentence', 'password: hunter2 is wrong', 'hunter2'],
    ['a password of several words', 'senha: cavalo certo', 'cavalo'],
    ['a password that begins like a sentence', 'password: cannot-guess-me', 'guess'],
    ['a password that is a word of one, with a number', 'senha: nao123 pode', '123'],
    ['a password as a parameter', 'password=is fine', '=is'],
    ['a CPF with dots only', '529.982.247.25', '247'],
    ['a CPF with dots only, which might be an address', '111.111.111.11', '111'],
    ['a CPF by its label, which might be an address', 'CPF: 192.168.100.10', '168'],
    ['what is no address', '192.168.300.10', '300'],
    ['an Indonesian mobile with dots', '62.812.345.678', '345'],
    ['a bearer token in a form', 'authorization=Bearer+abc.DEF-1234567890', 'DEF'],
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
    'arn:aws:lambda:sa-east-1:123456789012:function:countermand-cancel-order',
    'User: arn:aws:sts::123456789012:assumed-role/x is not authorized to perform: dynamodb:PutItem',
    'https://sqs.sa-east-1.amazonaws.com/123456789012/commands',
    'cdk-hnb659fds-assets-123456789012-sa-east-1',
    'D9B2D63D-A233-4123-847A-123456789012',
    'urn:uuid:00000000-0000-4000-8000-123456789012',
    'msg_00000000-0000-4000-8000-123456789012',
    'export-3f2504e0-4f89-41d3-9a0c-030512345678.xlsx',
    '{"Account":"123456789012"}',
    '{\\"recipientAccountId\\":\\"123456789012\\",\\"awsAccountId\\":\\"123456789012\\"}',
    'AccountId: 123456789012',
    'AWS_ACCOUNT_ID=123456789012',
    'in account 123456789012',
    'arn:aws:iam::123456789012:role/cdk-hnb659fds-deploy-role-123456789012-sa-east-1',
    'arn:aws:s3:::exports-123456789012',
    'https://sqs.us-east-1.amazonaws.com/123456789012',
    'R$ 123.456.789,01 or 123,456,789.01',
    '[340,341,342,25]',
    '{"detail-type":"OrderCancellationRequested","account":"123456789012"}',
    'criado em 01/03/2026 12:00, alterado em 02-03-2026 13:30',
    'não é possível — já enviado ✓ 😀',
    'CPF inválido 340',
    '50% off &amp; more \\u00e9',
    'SKU ABCDEFGH012345',
    'upstream 192.168.100.10:8080 timed out, client 200.201.202.20',
    'from ::ffff:192.168.100.10/24',
    '{"ip":"177.100.200.30"}',
    '62.80.100.200',
    "password: can't be blank",
    'password: can’t be blank, is too short (minimum is 8 characters)',
    '{"password":"can\'t be blank"}',
    '{"password":"is invalid"}',
    'Password: must not be empty',
    'password: cannot be blank',
    'password: required',
    'password: required; name: is too long',
    'senha: não pode ficar em branco',
    'Senha: deve ter 8 letras',
    'senha: obrigatória.',
    'password: wajib diisi',
    'password: tidak boleh kosong',
    'Basic+plan',
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

  it('strikes numbers of people out in whatever signs, digits and escapes they are written', () => {
    const sign = (signs: string) => fc.constantFrom('', ...signs.split('|'));
    const [dash, dot, space] = [sign('-|–|—|‑|‒|−|－|﹣'), sign('.|．|·'), sign(' |\u00a0|\u2009|\u3000')];
    const parted = (...parts: (number | string | fc.Arbitrary<string>)[]) =>
      fc
        .tuple(
          ...parts.map((one) =>
            typeof one === 'number' ? digits(one) : typeof one === 'string' ? fc.constant(one) : one,
          ),
        )
        .map((all) => all.join(''));
    const person = fc.oneof(
      parted(3, dot, 3, dot, 3, dash, 2),
      parted(2, dot, 3, dot, 3, sign('/|⁄|∕|／'), 4, dash, 2),
      parted(sign('+|＋'), '55', space, sign('(|（'), '11', sign(')|）'), space, '9', 4, dash, 4),
      parted(sign('(|（'), '21', sign(')|）'), space, 4, dash, 4),
      parted('0812', dash, 4, space, 4),
      parted(sign('+|＋'), '62', space, '812', dash, 4, dash, 4),
    );
    const respelt = fc.tuple(person, fc.array(fc.nat(9), { minLength: 40, maxLength: 40 })).map(([text, how]) =>
      Array.from(text, (character, at) => {
        const code = character.codePointAt(0) ?? 0;
        if (how[at] === 0) return `${character}\u200b`;
        if (how[at] === 1) return `&#${code};`;
        if (how[at] === 2 && /\d/.test(character)) return String.fromCodePoint(code + 0xfee0);
        if (how[at] === 3 && /\d/.test(character)) return String.fromCodePoint(code - 48 + 0x1d7ce);
        return how[at] === 4 ? encodeURIComponent(character) : character;
      }).join(''),
    );
    fc.assert(
      fc.property(respelt, word, word, (number, before, after) => {
        expect(redact(around(number, before, after))).toMatch(/^[^\d]*\[redacted\][^\d]*$/);
      }),
      { numRuns: 2000 },
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

  it.each([
    'a',
    '1',
    '1 ',
    'a.',
    '-',
    'token ',
    'key=',
    '+1',
    'a@',
    '(',
    '0',
    'cm_',
    '%',
    '%41',
    '&',
    '&amp;',
    '&#52;',
    '\\',
    '\\u0034',
    '\u200b',
    'é',
    '４',
    '62 8',
    '8 ',
    'CPF ',
    'arn:aws:',
  ])('takes no more than a moment for 20,000 times %j', (piece) => {
    const startedAt = performance.now();
    redact(piece.repeat(20_000));
    expect(performance.now() - startedAt).toBeLessThan(2_000);
  });
});
