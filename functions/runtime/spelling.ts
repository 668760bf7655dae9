/**
 * A text as it is searched: in one spelling, whatever it was written in. Letters without accents, digits, dashes, dots and spaces
 * as ASCII has them where Unicode has others that look alike, nothing that does not show, and what stands behind HTML entities,
 * percent-escapes and JSON's escapes. What is struck out in it is struck out of the text as it was written.
 */
export interface Spelling {
  readonly text: string;
  /** What each UTF-16 unit of `text` was written as; empty where the unit before says it all. Null: as itself. */
  readonly written: readonly string[] | null;
}

export const STRUCK = '[redacted]';

/** Escapes within escapes are undone as often as this. */
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

/** The same without keeping how it was written, for texts that are only looked into. */
export function spelt(text: string): string {
  let left = text;
  for (let depth = 0; depth < DEEPEST && UNUSUAL.test(left); depth += 1) {
    const respelt = left.replace(CODED, (coded) => plainOf(coded) ?? coded);
    if (respelt === left) break;
    left = respelt;
  }
  return left;
}

/** The text that a spelling is of, without what was struck out. */
export function writtenOf({ text, written }: Spelling): string {
  return written === null ? text : written.join('');
}

/**
 * The spelling without what a global pattern finds. A first group is kept where the pattern has one; it stands at the beginning.
 * `isMeant` may have its own mind about what was found.
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

/** Of the text of a spelling, in UTF-16 units; `end` is behind it. */
export interface Place {
  readonly start: number;
  readonly end: number;
}

/** The spelling without what stands at places, which follow each other. */
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

/** The spelling with something done to what lies between the matches of a global pattern. */
export function between(spelling: Spelling, pattern: RegExp, change: (piece: Spelling) => Spelling): Spelling {
  const pieces: Spelling[] = [];
  let from = 0;
  for (const { 0: found, index } of spelling.text.matchAll(pattern)) {
    pieces.push(change(part(spelling, from, index)), part(spelling, index, index + found.length));
    from = index + found.length;
  }
  return joined([...pieces, change(part(spelling, from, spelling.text.length))]);
}

/** Where a letter became two, as with ß, they go together. */
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

/** Without any of these a text is its own spelling. */
const UNUSUAL = /[%&\\]|[^\t\n\r\x20-\x7e]/;
/** What is to be spelt in another way: a character behind an escape, or one beyond ASCII. */
const CODED = new RegExp(
  [
    // One character of UTF-8 in percent-escapes (RFC 3986, section 2.1), or one byte that is none.
    /%[0-7][\da-f]|%[cd][\da-f]%[89ab][\da-f]|%e[\da-f](?:%[89ab][\da-f]){2}|%f[0-4](?:%[89ab][\da-f]){3}|%[89a-f][\da-f]/,
    /&(?:amp;){0,3}(?:#\d{1,7}|#x[\da-f]{1,6}|[a-z]{1,8});/,
    // JSON's escapes, also of JSON within JSON.
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
  /** What does not show goes with what is before it. */
  const add = (text: string, as: string) => {
    const before = text === '' ? written.pop() : undefined;
    if (before !== undefined) written.push(before + as);
    // A space where nothing is before it: no pattern looks for one there.
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

/** Null where it is no escape after all. */
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

/** HTML's named and numbered characters, as far as names and numbers of people are written with them. */
function entityOf(name: string): string | null {
  const [, hex, decimal] = /^#(?:x([\da-f]+)|(\d+))$/i.exec(name) ?? [];
  const code = hex === undefined ? Number(decimal) : parseInt(hex, 16);
  if (code <= 0x10ffff) return asciiOf(String.fromCodePoint(code));
  const [, letter] = /^([a-z])(?:acute|grave|circ|tilde|uml|ring|cedil|slash|caron)$/i.exec(name) ?? [];
  return letter ?? ENTITIES.get(name.toLowerCase()) ?? null;
}

/** Letters that Unicode does not take apart, and signs that look like ASCII's. */
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
/** What does not show by itself: marks on letters, zero-width characters, direction marks, control characters. */
const UNSHOWN = /[\p{M}\p{Default_Ignorable_Code_Point}\p{Cf}]|(?![\t\n\r])\p{Cc}/gu;

const ASCII = /^[\x20-\x7e]*$/;

function asciiOf(character: string): string {
  if (ASCII.test(character)) return character;
  const plain = character.normalize('NFKD').replace(UNSHOWN, '');
  if (ASCII.test(plain)) return plain;
  return LOOKALIKES.reduce((text, [others, sign]) => text.replace(others, sign), plain).replace(/\p{Nd}/gu, digitOf);
}

/** Scripts have their ten digits one after the other, with none of another script before them (Unicode, section 4.6). */
function digitOf(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  let value = 0;
  while (value < 9 && /\p{Nd}/u.test(String.fromCodePoint(code - value - 1))) value += 1;
  return String(value);
}
