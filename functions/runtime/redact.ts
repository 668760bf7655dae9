import { between, spellingOf, struck, writtenOf, type Spelling } from './spelling.ts';

/**
 * Strikes credentials and personal data out of free text: access tokens, e-mail addresses, CPF and CNPJ, telephone numbers
 * (Brazil, Indonesia, international), with any dashes, spaces and escapes in them. No pattern recognises names and addresses; code that
 * has a provider's order at hand strikes out the ones in it (`personal-values.ts`).
 *
 * Leaves alone: numbers of up to nine digits (order ids), RFC 3339 times, UUIDs, AWS account ids in AWS's own names, and operation ids
 * of connections whose name holds a letter. Applying it twice changes nothing more.
 */
export function redact(text: string): string {
  return writtenOf(between(withoutSecrets(spellingOf(text)), MEANINGFUL, withoutNumbers));
}

// Quantifiers are bounded, or begin only where a run begins, so that no text makes matching quadratic.
const EMAIL = /(?<![\p{L}\p{N}._%+'~-])[\p{L}\p{N}._%+'~-]+(?:@|%40)(?:[\p{L}\p{N}-]{1,63}\.){1,8}\p{L}{2,24}/gu;
/** In form data a plus sign is a space. */
const SCHEME = /(\b(?:Bearer|Basic)(?:\s{1,4}|\+(?=[\w.~+/=-]{16})))[\w.~+/=-]+/gi;
const TOKEN_PARAMETER = /(\btoken\s{0,4}=\s{0,4}\\{0,2}["']?)[^\s"',;\\[][^\s"',;\\]*/gi;
/** How a sentence about a password goes on (`password: can't be blank`), in the languages of providers. */
const OF_A_SENTENCE = [
  ...["can't|cannot|can not|is|isn't|are|has|must|may|should|does|doesn't|was|needs|too|not"],
  ...['required|invalid|missing|incorrect|wrong|blank|empty|weak|expired'],
  ...['nao|e|esta|deve|precisa|tem|muito|obrigatoria|invalida|incorreta|errada|vazia|fraca|expirada'],
  ...['wajib|harus|tidak|belum|minimal|terlalu|salah|kosong'],
].join('|');
const PASSWORD = new RegExp(
  [
    /((?:password|passwd|senha)\\{0,2}["']?\s{0,4}[:=]\s{0,4}\\{0,2}["']?)/.source,
    String.raw`(?!(?<=:\s{0,4}\\{0,2}["']?)(?:${OF_A_SENTENCE})[.,;:!?]?(?:[\s"'\\)\]}]|$))`,
    /[^\s"',;\\[][^\s"',;\\]*/.source,
  ].join(''),
  'gi',
);
const OWN_TOKEN = /\bcm_[\w-]{20,}/g;
/** A long value after a word that announces a secret, behind `:` or `=`, or behind white space if the value holds a digit. */
const ANNOUNCED =
  /((?:token|key|secret|password|credential)s?\\{0,2}["']?(?:\s{0,4}[:=]\s{0,4}\\{0,2}["']?|\s{1,4}(?:is\s{1,4})?["']?(?=[\w+/=.~-]{0,200}\d)))[\w+/=.~-]{16,}/gi;

function withoutSecrets(spelling: Spelling): Spelling {
  return [SCHEME, TOKEN_PARAMETER, PASSWORD, OWN_TOKEN, ANNOUNCED, EMAIL].reduce(
    (left, pattern) => struck(left, pattern),
    spelling,
  );
}

/** Parts of a text that may look like a telephone number and are none. */
const MEANINGFUL = new RegExp(
  [
    /[\da-fA-F]{8}(?:-[\da-fA-F]{4}){3}-[\da-fA-F]{12}(?![\da-fA-F])/, // UUID, whatever is before it
    /(?<!\d)\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}(?::\d{2}(?:[.,]\d{1,9})?)?(?:[Zz]|[+-]\d{2}:?\d{2})?(?!\d)/, // RFC 3339
    /(?<![\w-])(?=[\d-]{0,62}[a-z])[a-z0-9][a-z0-9-]{0,62}:\d{1,9}:\d{1,6}(?![\w-])/, // operation id
    /(?<!\d)\d{12}(?!\d)(?<=\barn:aws[^\s"',]{1,256})/, // AWS account id: in an ARN,
    /amazonaws\.com(?:\.cn)?(?::\d{1,5})?\/\d{12}(?!\d)/, // in the address of a queue,
    /(?<!\d)\d{12}(?=\.dkr\.ecr\.|-[a-z]{2}-[a-z-]{4,14}-\d)/, // in names of repositories and buckets,
    /(?:[Aa]ccount|ACCOUNT)(?:[ _-]?(?:[Ii]d|ID))?(?:\\{0,4}["'])?(?:\s{0,4}[:=]\s{0,4}|\s{1,4})(?:\\{0,4}["'])?\d{12}(?!\d)/, // after its name
  ]
    .map((pattern) => pattern.source)
    .join('|'),
  'g',
);

/** Characters between the parts of a document's number. Some may be missing; with all of them missing, `LONG_NUMBER` finds it. */
const GAP = String.raw`[\s.,_/-]{0,3}`;
const numberOf = (template: TemplateStringsArray) => new RegExp(template.raw.join('').replaceAll('~', GAP), 'giu');

const CPF = numberOf`(?<!\d)(?!\d{11})\d{3}~\d{3}~\d{3}~\d{2}(?!\d)`;
/** From July 2026 a CNPJ may hold letters in all but its two check digits (Receita Federal, IN RFB 2.229/2024). */
const CNPJ = numberOf`(?<![\p{L}\p{N}])(?!\d{14})(?:\d{2}~\d{3}~\d{3}~\d{4}|[\dA-Z]{2}[. ]?[\dA-Z]{3}[. ]?[\dA-Z]{3} ?\/ ?[\dA-Z]{4})~\d{2}(?!\d)`;
/** A CNPJ with letters and without its slash: only its check digits tell it from a word. */
const CNPJ_LIKE =
  /(?<![\p{L}\p{N}])[\dA-Z]{2}[._-]?[\dA-Z]{3}[._-]?[\dA-Z]{3}[._-]?[\dA-Z]{4}[._-]?\d{2}(?![\p{L}\p{N}])/giu;
/** Indonesia's tax number. */
const NPWP =
  /(?<!\d)(?!\d{15})\d{2}[\s._/-]{0,3}\d{3}[\s._/-]{0,3}\d{3}[\s._/-]{0,3}\d[\s._/-]{0,3}\d{3}[\s._/-]{0,3}\d{3}(?!\d)/g;
/** A number after its label (`CPF: …`), with any signs in it. */
const LABELLED =
  /(\b(?:C\.?P\.?F|C\.?N\.?P\.?J|NIK|KTP|NPWP)[^\p{L}\p{N}[]{1,5})\d(?:[^\p{L}\p{N}]{0,3}\d){10,15}(?![\p{L}\p{N}])/giu;

/** A number with a plus sign or zeros before its country code. Indonesia's code also counts without them: the rest may look like a CPF. */
const INTERNATIONAL_PHONE =
  /(?:\+|\b00)[1-9]\d{0,2}(?:[\s()./_-]{0,3}\d){6,13}(?!\d)|(?<!\d)\(?62\)?[\s._-]{1,3}0?8\d{1,2}(?:[\s._-]{0,3}\d){6,9}(?!\d)/g;
const BRAZILIAN_PHONE = new RegExp(
  [
    // With an area code, in any spelling; without one, only a mobile number with a separator. The month and year of a date are no number.
    /(?<!\d)(?<!\d[./-])(?:55[\s._-]{0,3})?\(?0?[1-9]\d\)?[\s._-]{0,3}9?[\s._-]{0,3}\d{4}[\s._-]{0,3}\d{4}(?!\d)/,
    /(?<!\d)9[\s._-]?\d{4}[\s._-]{1,3}\d{4}(?!\d)/,
  ]
    .map(({ source }) => source)
    .join('|'),
  'g',
);
const INDONESIAN_PHONE = new RegExp(
  [
    /(?<!\d)\(?(?:0|620?)8\d{1,2}\)?(?:[\s._-]{0,3}\d){6,9}(?!\d)/,
    /(?<!\d)(?:\(0\d{2,3}\)[\s._-]{0,3}|0\d{2,3}[\s._-]{1,3})\d{3,4}[\s._-]{0,3}\d{3,5}(?!\d)/,
    /(?<!\d)0\d{5,7}[\s._-]{1,3}\d{3,5}(?!\d)/,
  ]
    .map(({ source }) => source)
    .join('|'),
  'g',
);
/** Card numbers, in groups of four (or 4, 6 and 5). Indonesia's identity number is written in groups of four too. */
const CARD =
  /(?<!\d)(?:\d{4}[\s._-]{1,3}){3}\d{4}(?:[\s._-]{1,3}\d{1,3})?(?!\d)|(?<!\d)3\d{3}[\s._-]{1,3}\d{6}[\s._-]{1,3}\d{5}(?!\d)/g;
/** CPF, CNPJ, telephone and card numbers without punctuation; a label may be joined to them (`CPF52998224725`). */
const LONG_NUMBER = /(?<![\p{L}\p{N}_])([\p{L}_]{0,20})\d{10,19}(?![\p{L}\p{N}_])/gu;

/** A text with fewer digits holds no telephone number, or no CNPJ: its two check digits are always digits. */
const FEWEST_DIGITS = 7;
const CHECK_DIGITS = 2;

function withoutNumbers(piece: Spelling): Spelling {
  const digits = piece.text.replace(/\D+/g, '').length;
  if (digits < CHECK_DIGITS) return piece;
  const withoutCompanies = struck(struck(struck(piece, LABELLED), CNPJ, isCnpj), CNPJ_LIKE, hasCnpjDigits);
  if (digits < FEWEST_DIGITS) return withoutCompanies;
  const withoutPersons = struck(struck(withoutCompanies, INTERNATIONAL_PHONE, isNoAddress), CPF, isCpf);
  return [NPWP, CARD, BRAZILIAN_PHONE, INDONESIAN_PHONE, LONG_NUMBER].reduce(
    (left, pattern) => struck(left, pattern),
    withoutPersons,
  );
}

/** Commas also separate sums of money and lists of numbers, and dots the parts of an IP address. */
function isCpf(found: string): boolean {
  if (hasCheckDigits(found, { at: [9, 10], weights: 10 })) return true;
  return isNoAddress(found) && (!found.includes(',') || /-\s?\d\d$/.test(found));
}

/** Whether the text is not an IPv4 address. No personal number has such groups, except a CPF with dots only, which its check digits prove. */
function isNoAddress(found: string): boolean {
  const bytes = found.split('.');
  return bytes.length !== 4 || !bytes.every((byte) => /^\d{1,3}$/.test(byte) && Number(byte) <= 255);
}

function isCnpj(found: string): boolean {
  return !found.includes(',') || found.includes('/') || hasCnpjDigits(found);
}

function hasCnpjDigits(found: string): boolean {
  return hasCheckDigits(found, { at: [12, 13], weights: 8 });
}

/** Modulo 11, each character worth its ASCII code less 48 (Receita Federal, IN RFB 2.229/2024, annex). */
function hasCheckDigits(found: string, { at, weights }: { at: readonly number[]; weights: number }): boolean {
  const values =
    found
      .toUpperCase()
      .match(/[\dA-Z]/g)
      ?.map((character) => character.charCodeAt(0) - 48) ?? [];
  return at.every((length) => {
    const weighted = values.slice(0, length).map((value, index) => value * (((length - 1 - index) % weights) + 2));
    const left = weighted.reduce((total, value) => total + value, 0) % 11;
    return values[length] === (left < 2 ? 0 : 11 - left);
  });
}
