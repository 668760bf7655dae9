import { cut } from '../runtime/cut.ts';

/** The value of a cell. A `Date` is shown in UTC; a text stays that text, whatever it looks like; null leaves the cell empty. */
export type Cell = string | number | Date | null;

/** Indexes into the styles' `cellXfs`. */
export const STYLE = { plain: 0, header: 1, text: 2, formulaLikeText: 3, time: 4 } as const;

/** Excel's limit, in UTF-16 units (Microsoft: "Excel specifications and limits"). */
export const MOST_CHARACTERS = 32_767;

const DAY_MS = 24 * 3600 * 1000;
/** 1970-01-01 in a spreadsheet's count of days. */
const EPOCH_DAY = 25_569;
/** Before March 1900, spreadsheets disagree (Excel has a 29 February 1900); after 9999, they have no dates. */
const FIRST_TIME = Date.UTC(1900, 2, 1);
const LAST_TIME = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

/**
 * Returns one cell as SpreadsheetML; `reference` is its place (`B7`). No cell is a formula. A text that would become one when
 * someone edits the cell is marked as typed with a leading apostrophe (`quotePrefix`).
 */
export function cellXml(reference: string, value: Cell, style?: number): string {
  if (value === null) return '';
  if (typeof value === 'string') return textXml(reference, value, style);
  if (typeof value === 'number') {
    return Number.isFinite(value)
      ? `<c r="${reference}"><v>${value}</v></c>`
      : textXml(reference, String(value), style);
  }
  const ms = value.getTime();
  if (!(ms >= FIRST_TIME && ms <= LAST_TIME)) return textXml(reference, timeText(value), style);
  return `<c r="${reference}" s="${STYLE.time}"><v>${ms / DAY_MS + EPOCH_DAY}</v></c>`;
}

function timeText(time: Date): string {
  return Number.isNaN(time.getTime()) ? String(time) : time.toISOString();
}

const FORMULA_LIKE = /^(?:[\t\r\n]|\s*[=+\-@＝＋－＠])/;
/** Readers may drop leading and trailing white space of a text that is not marked. */
const AT_THE_ENDS = /^\s|\s$/;

function textXml(reference: string, text: string, style?: number): string {
  if (text === '') return '';
  const held = cut(text, MOST_CHARACTERS);
  const space = AT_THE_ENDS.test(held) ? ' xml:space="preserve"' : '';
  const number = style ?? (FORMULA_LIKE.test(held) ? STYLE.formulaLikeText : STYLE.text);
  return `<c r="${reference}" s="${number}" t="inlineStr"><is><t${space}>${escapeXml(held)}</t></is></c>`;
}

const SPECIAL = /[&<>"\r\ufffe\uffff\u0000-\u0008\u000b\u000c\u000e-\u001f]|_(?=x[0-9A-Fa-f]{4}_)/;
const EVERY_SPECIAL = new RegExp(SPECIAL, 'g');
const NAMED: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\r': '&#13;',
};

/**
 * Returns text as XML. A character that XML cannot hold is written as `_xHHHH_`, and a text that already looks like that as
 * `_x005F_xHHHH_` (ECMA-376 part 1, 22.9.2.19, ST_Xstring). Half a surrogate pair, which is no character, becomes U+FFFD.
 */
export function escapeXml(text: string): string {
  const whole = text.isWellFormed() ? text : text.toWellFormed();
  return SPECIAL.test(whole)
    ? whole.replace(EVERY_SPECIAL, (character) => NAMED[character] ?? escaped(character))
    : whole;
}

function escaped(character: string): string {
  return `_x${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}_`;
}
