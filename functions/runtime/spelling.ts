/**
 * A text in the one spelling in which texts are searched. Letters have no accents; digits, dashes, dots and spaces are ASCII's, also
 * where Unicode has others that look alike; invisible characters are gone; HTML entities, percent-escapes and JSON's escapes are undone.
 * Striking out a part of it strikes that part out of the text as it was written.
 */
export interface Spelling {
  readonly text: string;
  /** How each UTF-16 unit of `text` was written; empty if the unit before it covers both. Null: `text` was written as it is. */
  readonly written: readonly string[] | null;
}

export const STRUCK = '[redacted]';

/** How many levels of escapes within escapes are undone. */
const DEEPEST = 3;

export function spellingOf(text: string): Spelling {
  let spelling: Spelling = { text, written: null };
  for (let depth = 0; depth < DEEPEST && UNUSUAL.test(spelling.text); depth += 1) {
    const respelt = respelling(spelling);
    if (respelt.text === spelling.text) break;
    spelling = respelt;
  }
  return spelling;
}

/** Returns only the spelling's text, for callers that search a text and change nothing in it. */
export function spelt(text: string): string {
  let left = text;
  for (let depth = 0; depth < DEEPEST && UNUSUAL.test(left); depth += 1) {
    const respelt = left.replace(CODED, (coded) => plainOf(coded) ?? coded);
    if (respelt === left) break;
    left = respelt;
  }
  return left;
}

/** Returns the text as it was written, without the parts that were struck out. */
export function writtenOf({ text, written }: Spelling): string {
  return written === null ? text : written.join('');
}

/**
 * Strikes out what a global pattern finds. If the pattern has a first group, it is at the beginning of the match and is kept. `isMeant`
 * may reject a match.
 */
export function struck(
  spelling: Spelling,
  pattern: RegExp,
  isMeant: (found: string) => boolean = () => true,
): Spelling {
  const places = Array.from(spelling.text.matchAll(pattern)).flatMap(({ 0: found, 1: kept = '', index }) =>
    found === kept || !isMeant(found) ? [] : [{ start: index + kept.length, end: index + found.length }],
  );
  return struckAt(spelling, places);
}

/** A part of a spelling's text, in UTF-16 units; `end` is exclusive. */
export interface Place {
  readonly start: number;
  readonly end: number;
}

/** Strikes out the places, which must be in order. */
export function struckAt(spelling: Spelling, places: readonly Place[]): Spelling {
  const pieces: Spelling[] = [];
  let from = 0;
  for (const place of places) {
    const start = Math.max(from, characterStart(spelling, place.start));
    const end = characterEnd(spelling, place.end);
    if (end <= start) continue;
    pieces.push(part(spelling, from, start), { text: STRUCK, written: null });
    from = end;
  }
  return from === 0 ? spelling : joined([...pieces, part(spelling, from, spelling.text.length)]);
}

/** Applies `change` to the pieces between the matches of a global pattern. */
export function between(spelling: Spelling, pattern: RegExp, change: (piece: Spelling) => Spelling): Spelling {
  const pieces: Spelling[] = [];
  let from = 0;
  for (const { 0: found, index } of spelling.text.matchAll(pattern)) {
    pieces.push(change(part(spelling, from, index)), part(spelling, index, index + found.length));
    from = index + found.length;
  }
  return joined([...pieces, change(part(spelling, from, spelling.text.length))]);
}

/** If one letter became two, as ß does, both belong to the same character. */
function characterStart({ written }: Spelling, at: number): number {
  let start = at;
  while (written !== null && start > 0 && written[start] === '') start -= 1;
  return start;
}

function characterEnd({ written }: Spelling, at: number): number {
  let end = at;
  while (written !== null && end < written.length && written[end] === '') end += 1;
  return end;
}

function part({ text, written }: Spelling, from: number, to: number): Spelling {
  return { text: text.slice(from, to), written: written === null ? null : written.slice(from, to) };
}

function joined(pieces: readonly Spelling[]): Spelling {
  const text = pieces.map((piece) => piece.text).join('');
  if (pieces.every(({ written }) => written === null)) return { text, written: null };
  return { text, written: pieces.flatMap((piece) => piece.written ?? piece.text.split('')) };
}

/** A text without any of these is its own spelling. */
const UNUSUAL = /[%&\\]|[^\t\n\r\x20-\x7e]/;
/** A character to respell: one behind an escape, or one beyond ASCII. */
const CODED = new RegExp(
  [
    // One UTF-8 character in percent-escapes (RFC 3986, section 2.1), or one byte that is no UTF-8.
    /%[0-7][\da-f]|%[cd][\da-f]%[89ab][\da-f]|%e[\da-f](?:%[89ab][\da-f]){2}|%f[0-4](?:%[89ab][\da-f]){3}|%[89a-f][\da-f]/,
    /&(?:amp;){0,3}(?:#\d{1,7}|#x[\da-f]{1,6}|[a-z]{1,8});/,
    // JSON's escapes, also in JSON within JSON.
    /\\{1,8}u[\da-f]{4}|\\{1,8}\//,
    /[^\t\n\r\x20-\x7e]/,
  ]
    .map(({ source }) => source)
    .join('|'),
  'giu',
);

function respelling(spelling: Spelling): Spelling {
  const units: string[] = [];
  const written: string[] = [];
  /** Joins an invisible character to the unit before it. */
  const add = (text: string, as: string) => {
    const before = text === '' ? written.pop() : undefined;
    if (before !== undefined) written.push(before + as);
    // With no unit before it, it becomes a space: no pattern looks for one there.
    else
      for (const [at, unit] of (text || ' ').split('').entries()) {
        units.push(unit);
        written.push(at === 0 ? as : '');
      }
  };
  const copy = (from: number, to: number) => {
    for (let at = from; at < to; at += 1)
      add(spelling.text.charAt(at), spelling.written?.[at] ?? spelling.text.charAt(at));
  };
  let from = 0;
  for (const { 0: coded, index } of spelling.text.matchAll(CODED)) {
    const plain = plainOf(coded);
    if (plain === null) continue;
    copy(from, index);
    from = index + coded.length;
    add(plain, spelling.written === null ? coded : spelling.written.slice(index, from).join(''));
  }
  copy(from, spelling.text.length);
  return { text: units.join(''), written };
}

/** Null if it is no escape after all. */
function plainOf(coded: string): string | null {
  if (coded.startsWith('%')) return asciiOf(decoded(coded));
  if (coded.startsWith('&')) return entityOf(coded.replace(/^&(?:amp;)*|;$/gi, ''));
  if (!coded.startsWith('\\')) return asciiOf(coded);
  return coded.endsWith('/') ? '/' : asciiOf(String.fromCharCode(parseInt(coded.slice(-4), 16)));
}

function decoded(percent: string): string {
  try {
    return decodeURIComponent(percent);
  } catch {
    return String.fromCharCode(parseInt(percent.slice(1, 3), 16));
  }
}

const ENTITIES: ReadonlyMap<string, string> = new Map(
  Object.entries({
    ...{ amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: ' ', ensp: ' ', emsp: ' ', thinsp: ' ', shy: '' },
    ...{ ndash: '-', mdash: '-', minus: '-', hyphen: '-', dash: '-', period: '.', middot: '.', sol: '/', colon: ':' },
    ...{ lpar: '(', rpar: ')', plus: '+', commat: '@', lowbar: '_', equals: '=', zwj: '', zwnj: '' },
    ...{ lsquo: "'", rsquo: "'", szlig: 'ss', aelig: 'ae', oelig: 'oe', thorn: 'th', eth: 'd' },
  }),
);

/** HTML's named and numbered characters, as far as people's names and numbers are written with them. */
function entityOf(name: string): string | null {
  const [, hex, decimal] = /^#(?:x([\da-f]+)|(\d+))$/i.exec(name) ?? [];
  const code = hex === undefined ? Number(decimal) : parseInt(hex, 16);
  if (code <= 0x10ffff) return asciiOf(String.fromCodePoint(code));
  const [, letter] = /^([a-z])(?:acute|grave|circ|tilde|uml|ring|cedil|slash|caron)$/i.exec(name) ?? [];
  return letter ?? ENTITIES.get(name.toLowerCase()) ?? null;
}

/** Letters that Unicode does not decompose, and signs that look like ASCII's. */
const LOOKALIKES: readonly (readonly [RegExp, string])[] = [
  [/[\p{Pd}\u2212\u2043\u02d7]/gu, '-'],
  [/[\u00b7\u2027\u2219\u2022\u3002\u30fb]/g, '.'],
  [/[\u2044\u2215\u29f8]/g, '/'],
  [/[\u2018\u2019\u02bc\u00b4\u02b9\u2032`]/g, "'"],
  [/[\p{Z}\u2800\x85]/gu, ' '],
  [/\u00df/g, 'ss'],
  [/\u1e9e/g, 'SS'],
  [/\u00e6/g, 'ae'],
  [/\u00c6/g, 'AE'],
  [/\u0153/g, 'oe'],
  [/\u0152/g, 'OE'],
  [/\u00f8/g, 'o'],
  [/\u00d8/g, 'O'],
  [/[\u0111\u00f0]/g, 'd'],
  [/[\u0110\u00d0]/g, 'D'],
  [/\u0142/g, 'l'],
  [/\u0141/g, 'L'],
  [/\u0131/g, 'i'],
  [/\u00fe/g, 'th'],
  [/\u00de/g, 'Th'],
];
/** Characters that are invisible by themselves: marks on letters, zero-width characters, direction marks, control characters. */
const UNSHOWN = /[\p{M}\p{Default_Ignorable_Code_Point}\p{Cf}]|(?![\t\n\r])\p{Cc}/gu;

const ASCII = /^[\x20-\x7e]*$/;

function asciiOf(character: string): string {
  if (ASCII.test(character)) return character;
  const plain = character.normalize('NFKD').replace(UNSHOWN, '');
  if (ASCII.test(plain)) return plain;
  return LOOKALIKES.reduce((text, [others, sign]) => text.replace(others, sign), plain).replace(/\p{Nd}/gu, digitOf);
}

/** Every script has its ten digits one after the other, with no digit of another script right before them (Unicode, section 4.6). */
function digitOf(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  let value = 0;
  while (value < 9 && /\p{Nd}/u.test(String.fromCodePoint(code - value - 1))) value += 1;
  return String(value);
}
