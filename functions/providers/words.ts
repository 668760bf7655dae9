import { cut } from '../runtime/cut.ts';
import { LongNumber } from '../runtime/exact-json.ts';
import { jsonOf, type HttpReply } from './http-client.ts';

/** More than is finally kept: personal values are struck out first, and must not be cut before that. */
const LONGEST_WORDS = 2_000;
const LONGEST_BODY = 20_000;
const DEEPEST = 6;

/** Where providers put their messages, in the order of search. */
const KEYS = ['errors', 'error', 'messages', 'message', 'response'] as const;

/**
 * Returns the words of a provider's refusal as one line of plain text, at most 2,000 characters; `HTTP 422` if there are none.
 *
 * The shapes are not documented, so every shape is accepted that sibling products of the providers use: a string, strings, an
 * object of strings by field (`base` is no field), arrays of such objects, `{ messages: {…} }`, plain text, an HTML page, an empty
 * body. Numbers are kept beside texts; alone they are codes or counts, not words.
 */
export function wordsOf(reply: Pick<HttpReply, 'status' | 'body'>): string {
  const json = jsonOf(reply.body);
  const words = plainText(json === undefined ? reply.body : textsIn(said(json), DEEPEST).join('; '));
  return words === '' ? `HTTP ${reply.status}` : words;
}

/**
 * Whether a body says in words, under `errors` or `error`, that something is wrong, whatever its HTTP status. A number, a boolean,
 * and a code (`0`, `"00"`, `ok`) or word for "none" do not count.
 */
export function hasErrors(json: unknown): boolean {
  return isObject(json) && (saysSomething(json['errors'], DEEPEST) || saysSomething(json['error'], DEEPEST));
}

/**
 * Whether an HTTP 2xx reply also says that it failed: by errors in words, a false `success`, `ok` or `status`, a word of failure,
 * or an HTTP status of failure.
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

/** Tags that do not separate words: a name with one inside is still that name. */
const WITHIN_A_WORD = /^<\/?(?:a|abbr|b|big|code|em|font|i|mark|s|small|span|strong|sub|sup|tt|u|wbr)\b/i;

/** Returns text without HTML tags (Estoka's messages have them) and line breaks, cut at 2,000 characters. */
export function plainText(text: string): string {
  const line = cut(text, LONGEST_BODY)
    .replace(/<(script|style|head)\b[^]*?<\/\1\s*>/gi, ' ')
    .replace(/<[a-z/!?][^<>]*>/gi, (tag) => (WITHIN_A_WORD.test(tag) ? '' : ' '))
    // The rest of a tag without an end, or of nested tags. A match starts only where a run of `<` starts: otherwise a long run
    // takes seconds.
    .replace(/(?<!<)<+(?=[a-z/!?])/gi, '')
    .replace(/(&nbsp;|[\s\p{Cc}])+/gu, ' ')
    .trim();
  return line.length <= LONGEST_WORDS ? line : `${cut(line, LONGEST_WORDS - 1)}…`;
}

function said(json: unknown): unknown {
  if (!isObject(json)) return saysSomething(json, DEEPEST) ? json : null;
  return KEYS.map((key) => json[key]).find((value) => saysSomething(value, DEEPEST));
}

/** Whether a value contains a text that may be an error's. */
export function saysSomething(value: unknown, depth = DEEPEST): boolean {
  if (depth === 0) return false;
  if (typeof value === 'string') return /\p{L}/u.test(value) && !saysNothingIsWrong(value);
  if (typeof value !== 'object' || value === null || value instanceof LongNumber) return false;
  return Object.values(value).some((one) => saysSomething(one, depth - 1));
}

/**
 * Whether errors contain a text that an application wrote, by field or alone. A text beside an HTTP status or a long number as its
 * `code` is a gateway's (`[{"code": 1020, "message": "Access denied"}]`).
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

/** Reads `NO_ERROR`, `noError` and `no-error` as `no error`. */
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
  // Zero errors: the number, perhaps with a word for errors.
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
