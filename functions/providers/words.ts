import { cut } from '../runtime/cut.ts';
import { LongNumber } from '../runtime/exact-json.ts';
import { jsonOf, type HttpReply } from './http-client.ts';

/** Longer than what is kept of them in the end: personal values are struck out first, and must not be cut before that. */
const LONGEST_WORDS = 2_000;
const LONGEST_BODY = 20_000;
const DEEPEST = 6;

/** Where providers put what they have to say, in the order in which it is looked for. */
const KEYS = ['errors', 'error', 'messages', 'message', 'response'] as const;

/**
 * What a provider said in refusing, as one line of plain text of at most 2,000 characters; `HTTP 422` where it said nothing.
 *
 * The shapes are not documented, so all are taken that siblings of the providers use: a string, strings, an object of
 * strings by field (`base` is no field), arrays of such objects, `{ messages: {…} }`, plain text, an HTML page, nothing. Numbers are
 * shown beside texts; alone they are codes or counts, and no words.
 */
export function wordsOf(reply: Pick<HttpReply, 'status' | 'body'>): string {
  const json = jsonOf(reply.body);
  const words = plainText(json === undefined ? reply.body : textsIn(said(json), DEEPEST).join('; '));
  return words === '' ? `HTTP ${reply.status}` : words;
}

/**
 * Whether a body says in words, under `errors` or `error`, that something is wrong, whatever its HTTP status. A number, a boolean, a
 * code for "none" (`0`, `"00"`, `ok`) or a word for it says nothing.
 */
export function hasErrors(json: unknown): boolean {
  return isObject(json) && (saysSomething(json['errors'], DEEPEST) || saysSomething(json['error'], DEEPEST));
}

/**
 * Whether a reply of HTTP 2xx says beside what it shows that it failed: errors in words, `success` or `status` that is false, a word or
 * HTTP status of failure within.
 */
export function saysItFailed(json: unknown): boolean {
  if (!isObject(json)) return false;
  const { success, ok, status, code, status_code: snake, statusCode: camel } = json;
  return (
    hasErrors(json) ||
    [success, ok, status].some((value) => value === false || isWordOfFailure(value)) ||
    [status, code, snake, camel].some((value) => isText(value) && /^[45]\d\d$/.test(String(value).trim()))
  );
}

function isWordOfFailure(value: unknown): boolean {
  return typeof value === 'string' && /^(?:false|errors?|erros?|fail(?:ed|ure)?|falh[ao]u?|gagal)$/i.test(value.trim());
}

function isText(value: unknown): value is string | number {
  return typeof value === 'string' || typeof value === 'number';
}

/** Tags that part nothing: a name with one in it is still that name. */
const WITHIN_A_WORD = /^<\/?(?:a|abbr|b|big|code|em|font|i|mark|s|small|span|strong|sub|sup|tt|u|wbr)\b/i;

/** Text without HTML tags (Estoka's messages have them) and without line breaks, cut at 2,000 characters. */
export function plainText(text: string): string {
  const line = cut(text, LONGEST_BODY)
    .replace(/<(script|style|head)\b[^]*?<\/\1\s*>/gi, ' ')
    .replace(/<[a-z/!?][^<>]*>/gi, (tag) => (WITHIN_A_WORD.test(tag) ? '' : ' '))
    // What is left of a tag without an end, or of tags within a tag. Begins only where a run does: otherwise a long run takes seconds.
    .replace(/(?<!<)<+(?=[a-z/!?])/gi, '')
    .replace(/(&nbsp;|[\s\p{Cc}])+/gu, ' ')
    .trim();
  return line.length <= LONGEST_WORDS ? line : `${cut(line, LONGEST_WORDS - 1)}…`;
}

function said(json: unknown): unknown {
  if (!isObject(json)) return saysSomething(json, DEEPEST) ? json : null;
  return KEYS.map((key) => json[key]).find((value) => saysSomething(value, DEEPEST));
}

/** Whether there is a text within that could be an error's. */
export function saysSomething(value: unknown, depth = DEEPEST): boolean {
  if (depth === 0) return false;
  if (typeof value === 'string') return /\p{L}/u.test(value) && !saysNothingIsWrong(value);
  if (typeof value !== 'object' || value === null || value instanceof LongNumber) return false;
  return Object.values(value).some((one) => saysSomething(one, depth - 1));
}

/**
 * Whether there is a text within that an application wrote: by field, or alone. Beside an HTTP status or a long number for a `code`, it is
 * a gateway's (`[{"code": 1020, "message": "Access denied"}]`).
 */
export function saysWhy(errors: unknown): boolean {
  const members = Array.isArray(errors) ? errors : [errors];
  return saysSomething(errors) && !members.some(hasCode);
}

function hasCode(error: unknown): boolean {
  return (
    isObject(error) &&
    [error['code'], error['status']].some((code) => isText(code) && /^(?:[4-9]\d\d|\d{4,})$/.test(String(code)))
  );
}

/** `NO_ERROR`, `noError` and `no-error` are read as `no error`. */
function saysNothingIsWrong(text: string): boolean {
  const bare = text
    .trim()
    .replace(/^[(<"'[](.*)[)>"'\]]$/s, '$1')
    .replace(/[.!]+$/, '');
  const spaced = bare.replace(/(\p{Ll})(?=\p{Lu})/gu, '$1 ').replace(/[-_\s]+/g, ' ');
  return [bare, spaced].some((written) => NOTHING_WRONG.some((none) => none.test(written)));
}

/** How programs and people say that there is no error, in English, Portuguese and Indonesian. */
const NOTHING_WRONG: readonly RegExp[] = [
  /^(?:none|null|nil|nan|undefined|empty|false|true|no|not?|n\/?[ad]|ok|okay|done|none found|no ?err(?:or)?s?|(?:all|tudo) (?:ok|certo|good)|nada consta|nenhum|não|nao|nada|tidak|kosong)$/i,
  // A code that is zero: `E0`, `0x00`, `ERR-000`.
  /^[a-z]{0,5}[-_ ]?0x?0*$/i,
  // Zero errors, by number or with a word for it.
  /^(?:0+|zero)\b[^\p{L}]*(?:(?:error\(s\)|errors?|erros?|falhas?|problemas?|ok|no errors?|sem erros?|kesalahan)[^\p{L}]*)?$/iu,
  /^(?:errors?|erros?)? ?(?:code|status|código)?[^\p{L}\d]*(?:0+|ok)$/iu,
  /^(?:err|e|s) (?:none|ok)$/i,
  /^(?:não|nao) (?:há|houve|existem?|ocorreu|ocorreram)(?: nenhum)? (?:erros?|falhas?|problemas?)\b/iu,
  /^tidak (?:ada|terjadi)(?: kesalahan| masalah)?$/i,
  /^(?:nenhuma (?:falha|pendência|ocorrência)\b|sem (?:falhas?|pendências?|ocorrências?)$)/iu,
  /^(?:http[ /]?)?(?:1\.1 )?2\d\d(?: \w+)?$/i,
  /^(?:there (?:are|were|is|was) )?(?:no|without|sem|nenhum|tidak ada|tanpa)(?: \p{L}+)? (?:errors?|erros?|problems?|problemas?|issues?|kesalahan|masalah)\b/iu,
  // A success, unless it is denied.
  /^(?!.*(?:\b(?:not?|without|não|nao|sem|tidak|tanpa)\b|unsuccess|insucesso|gagal|fail|n't))(?=.*(?:success|sucesso|sukses|berhasil))/iu,
];

function textsIn(value: unknown, depth: number): string[] {
  if (depth === 0) return [];
  if (typeof value === 'string') return value.trim() === '' ? [] : [value];
  if (typeof value === 'number' || value instanceof LongNumber) return [String(value)];
  if (Array.isArray(value)) return value.flatMap((item) => textsIn(item, depth - 1));
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([field, item]) => {
    const texts = textsIn(item, depth - 1);
    const isLabel = field !== 'base' && field !== 'messages' && !/^\d+$/.test(field);
    return isLabel && texts.length > 0 ? [`${field}: ${texts.join(', ')}`] : texts;
  });
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
