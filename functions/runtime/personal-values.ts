import { spellingOf, spelt, struckAt, writtenOf, type Place } from './spelling.ts';

/**
 * Returns a function that strikes personal values, and their longer words, out of texts, however they are written. It uses no regular
 * expression per value: compiling one that matches letters of any script takes a tenth of a second, and a list of orders needs one for
 * each order.
 */
export function withoutValues(values: readonly string[]): (text: string) => string {
  const needles = values
    .filter((value) => value.length > 2)
    .flatMap((value) => [value, ...garbled(value)].flatMap(needlesOf));
  // The longest first: `placesOf` takes the first needle that fits at a place.
  const longestFirst = needles.filter(({ length }) => length > 0).sort((a, b) => b.length - a.length);
  if (longestFirst.length === 0) return (text) => text;
  return (text) => {
    const spelling = spellingOf(text);
    return writtenOf(struckAt(spelling, placesOf(longestFirst, spelling.text)));
  };
}

const BEYOND_ASCII = /[^\p{ASCII}]/gu;

/** How a value looks when somebody read its UTF-8 as Latin-1 or windows-1252 (`JosÃ©`), or lost its letters beyond ASCII (`Jos?`). */
function garbled(value: string): string[] {
  const text = value.normalize('NFC');
  if (text.replace(BEYOND_ASCII, '') === text) return [];
  const bytes = Buffer.from(text);
  const readings = [bytes.toString('latin1'), new TextDecoder('windows-1252').decode(bytes)];
  return [...readings, text.replace(BEYOND_ASCII, '\ufffd')].filter(
    (reading) => wordsIn(spelt(reading)).join('').length >= SHORTEST_PART,
  );
}

const SHORTEST_PART = 4;
/** A telephone number without its country and area. */
const SHORTEST_NUMBER = 7;
const LOCAL_DIGITS = 8;
/** How many other characters may stand between the digits of a number, the letters of a spelt-out name, and the words of a name. */
const BETWEEN_DIGITS = 3;
const BETWEEN_LETTERS = 3;
const BETWEEN_WORDS = 4;

/** A text to look for, in the one spelling (`spelling.ts`) and in lower case. */
interface Needle {
  readonly text: string;
  /** How many characters must match: the longer, the surer. */
  readonly length: number;
  /** Null: `text` must match exactly. Otherwise `text` is letters and digits only, and these are the gaps before each of them but the first. */
  readonly gaps: (() => readonly Gap[]) | null;
}

/** From `least` to `most` characters that are neither letters nor digits. */
interface Gap {
  readonly least: number;
  readonly most: number;
}

const NO_GAP: Gap = { least: 0, most: 0 };

/** The forms that a personal value may have in a text, in the one spelling that is searched. */
function needlesOf(value: string): Needle[] {
  const text = folded(spelt(value).trim());
  const exact = { text, length: text.length, gaps: null };
  const characters = wordsIn(text).join('');
  if (characters.replace(/\D/g, '').length >= Math.max(SHORTEST_NUMBER, characters.length - 2)) {
    const lengths = [characters.length, LOCAL_DIGITS + 1, LOCAL_DIGITS].filter((length) => length <= characters.length);
    return [exact, ...lengths.map((length) => parted(characters.slice(-length).split(''), BETWEEN_DIGITS))];
  }
  // The words of an e-mail address (`email`, `gmail`, `com`) are not personal by themselves.
  const parts = text.includes('@')
    ? []
    : text.split(/[\s,]+/).flatMap((part) => [wordsIn(part), ...wordsIn(part).map((word) => [word])]);
  const longer = parts.filter((part) => part.join('').length >= SHORTEST_PART);
  const names = [wordsIn(text), ...longer];
  return [exact, ...names.flatMap((words) => [parted(words, BETWEEN_WORDS), ...spelledOut(words)])];
}

/** The runs of letters and digits in a text. */
function wordsIn(text: string): string[] {
  return text.match(/[\p{L}\p{N}]+/gu) ?? [];
}

/** A needle of the parts one after the other, with at most `most` other characters between two of them. */
function parted(parts: readonly string[], most: number): Needle {
  const text = parts.join('');
  const gaps = () => parts.flatMap((part) => part.split('').map((_, at) => (at === 0 ? { least: 0, most } : NO_GAP)));
  return { text, length: text.length, gaps };
}

/** A needle for a name that is written letter by letter, as in `A n a  L i m a`. */
function spelledOut(words: readonly string[]): Needle[] {
  const text = words.join('');
  if (text.length < SHORTEST_PART) return [];
  const gaps = () =>
    words.flatMap((word) =>
      Array.from(word).flatMap((letter, at) => [
        { least: 1, most: at === 0 ? BETWEEN_WORDS : BETWEEN_LETTERS },
        ...letter
          .slice(1)
          .split('')
          .map(() => NO_GAP),
      ]),
    );
  return [{ text, length: text.length, gaps }];
}

/** Finds the needles in a text. Of places that overlap it keeps the first; of those that begin together, the one whose needle is first in the list. */
function placesOf(needles: readonly Needle[], text: string): Place[] {
  const all = folded(text);
  const { characters, at } = charactersOf(all);
  const found = needles.flatMap((needle) =>
    needle.gaps === null ? exactly(needle.text, all) : within(needle, characters, at),
  );
  const places: Place[] = [];
  let from = 0;
  // The sort is stable, so places that begin together keep the order of their needles.
  for (const place of found.sort((one, other) => one.start - other.start)) {
    if (place.start < from) continue;
    places.push(place);
    from = place.end;
  }
  return places;
}

function exactly(needle: string, text: string): Place[] {
  return indexesOf(needle, text).map((start) => ({ start, end: start + needle.length }));
}

function within({ text, gaps }: Needle, characters: string, at: readonly number[]): Place[] {
  return indexesOf(text, characters).flatMap((index) => {
    const placeOf = (offset: number) => at[index + offset] ?? 0;
    const fits = gaps?.().every(({ least, most }, offset) => {
      const between = offset === 0 ? least : placeOf(offset) - placeOf(offset - 1) - 1;
      return between >= least && between <= most;
    });
    return fits === true ? [{ start: placeOf(0), end: placeOf(text.length - 1) + 1 }] : [];
  });
}

function indexesOf(needle: string, text: string): number[] {
  const indexes: number[] = [];
  for (let index = text.indexOf(needle); index !== -1; index = text.indexOf(needle, index + 1)) indexes.push(index);
  return indexes;
}

/** The letters and digits of a text, and where each is. */
function charactersOf(text: string): { characters: string; at: number[] } {
  const at = Array.from(text.matchAll(/[\p{L}\p{N}]+/gu), ({ 0: word, index }) =>
    Array.from({ length: word.length }, (_, offset) => index + offset),
  ).flat();
  return { characters: wordsIn(text).join(''), at };
}

/** Lower-cases a text without changing its length. By way of upper case, because Greek has two small letters for one capital. */
function folded(text: string): string {
  if (/^[\x00-\x7f]*$/.test(text)) return text.toLowerCase();
  return Array.from(text, (character) => {
    const small = character.toUpperCase().toLowerCase();
    return small.length === character.length ? small : character;
  }).join('');
}
