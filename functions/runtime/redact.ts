/**
 * Strikes credentials and personal data out of free text: access tokens, e-mail addresses, CPF and CNPJ, telephone numbers
 * (Brazil, Indonesia, international). Names and addresses have no shape that a pattern could know; what a provider's order
 * holds of them is struck out where the order is at hand.
 *
 * Left as they are: numbers of up to nine digits (order ids), RFC 3339 times, UUIDs, and operation ids of connections whose
 * name holds a letter. Applying it twice changes nothing more.
 */
export function redact(text: string): string {
  return withoutSecrets(text)
    .split(MEANINGFUL)
    .map((piece, index) => (index % 2 === 1 ? piece : withoutNumbers(piece)))
    .join('');
}

const STRUCK = '[redacted]';

// Quantifiers are bounded, or begin only where a run begins, so that no text makes matching quadratic.
const EMAIL = /(?<![\p{L}\p{N}._%+'~-])[\p{L}\p{N}._%+'~-]+(?:@|%40)(?:[\p{L}\p{N}-]{1,63}\.){1,8}\p{L}{2,24}/gu;
const SCHEME = /\b(Bearer|Basic)\s{1,4}[\w.~+/=-]+/gi;
const TOKEN_PARAMETER = /\b(token\s{0,4}=\s{0,4}\\{0,2}["']?)[^\s"',;\\[][^\s"',;\\]*/gi;
const PASSWORD = /((?:password|passwd|senha)\\{0,2}["']?\s{0,4}[:=]\s{0,4}\\{0,2}["']?)[^\s"',;\\[][^\s"',;\\]*/gi;
const OWN_TOKEN = /\bcm_[\w-]{20,}/g;
/** A long value after a word that announces a secret: set off by `:` or `=`, or by white space where it holds a digit. */
const ANNOUNCED =
  /((?:token|key|secret|password|credential)s?\\{0,2}["']?(?:\s{0,4}[:=]\s{0,4}\\{0,2}["']?|\s{1,4}(?:is\s{1,4})?["']?(?=[\w+/=.~-]{0,200}\d)))[\w+/=.~-]{16,}/gi;

function withoutSecrets(text: string): string {
  return text
    .replace(SCHEME, `$1 ${STRUCK}`)
    .replace(TOKEN_PARAMETER, `$1${STRUCK}`)
    .replace(PASSWORD, `$1${STRUCK}`)
    .replace(OWN_TOKEN, STRUCK)
    .replace(ANNOUNCED, `$1${STRUCK}`)
    .replace(EMAIL, STRUCK);
}

/** What looks like a telephone number in places, and is none. One group, so that `split` keeps what it matched. */
const MEANINGFUL = new RegExp(
  `(${[
    /(?<![\w-])[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?![\w-])/, // UUID
    /(?<!\d)\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}(?::\d{2}(?:[.,]\d{1,9})?)?(?:[Zz]|[+-]\d{2}:?\d{2})?(?!\d)/, // RFC 3339
    /(?<![\w-])(?=[\d-]{0,62}[a-z])[a-z0-9][a-z0-9-]{0,62}:\d{1,9}:\d{1,6}(?![\w-])/, // operation id
  ]
    .map((pattern) => pattern.source)
    .join('|')})`,
  'g',
);

const CPF = /(?<!\d)\d{3}[. ]\d{3}[. ]\d{3}[-/ ]?\d{2}(?!\d)/g;
/** From July 2026 a CNPJ may hold letters in all but its two check digits. */
const CNPJ = /(?<![0-9A-Z])[0-9A-Z]{2}[. ]?[0-9A-Z]{3}[. ]?[0-9A-Z]{3}\/[0-9A-Z]{4}[- ]?\d{2}(?!\d)/gi;
const INTERNATIONAL_PHONE = /(?:\+|\b00)[1-9]\d{0,2}(?:[\s().-]{0,3}\d){6,13}(?!\d)/g;
const BRAZILIAN_PHONE =
  /(?<!\d)(?:55[\s.-]{0,2})?(?:\(0?\d{2}\)[\s.-]{0,2}9?[\s.-]?\d{4}[\s.-]?\d{4}|0?\d{2}[\s.-]{1,2}9[\s.-]?\d{4}[\s.-]?\d{4}|\d{2}[\s.-]{1,2}\d{4}-\d{4}|9\d{4}-\d{4})(?!\d)/g;
const INDONESIAN_PHONE = /(?<!\d)(?:\(0\d{2,3}\)|0\d{2,3}|62[\s.-]{1,2}8\d{2})[\s.-]{1,2}\d{3,4}[\s.-]?\d{3,5}(?!\d)/g;
/** CPF, CNPJ, telephone and card numbers without punctuation; a label may be stuck to them (`CPF52998224725`). */
const LONG_NUMBER = /(?<![\p{L}\p{N}_])([\p{L}_]{0,20})\d{10,19}(?![\p{L}\p{N}_])/gu;

function withoutNumbers(text: string): string {
  return text
    .replace(CNPJ, STRUCK)
    .replace(CPF, STRUCK)
    .replace(INTERNATIONAL_PHONE, STRUCK)
    .replace(BRAZILIAN_PHONE, STRUCK)
    .replace(INDONESIAN_PHONE, STRUCK)
    .replace(LONG_NUMBER, `$1${STRUCK}`);
}
