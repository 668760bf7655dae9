import { spellingOf, spelt, struck, writtenOf } from './spelling.ts';

/** Strikes personal values, and the longer words of them, out of texts, however they are written. */
export function withoutValues(values: readonly string[]): (text: string) => string {
  const patterns = values
    .filter((value) => value.length > 2)
    .flatMap((value) => [value, ...garbled(value)].flatMap(patternsOf));
  if (patterns.length === 0) return (text) => text;
  // The longest first: of those that fit at one place, the first is taken.
  const sources = patterns.sort((a, b) => b.length - a.length).map(({ source }) => source);
  const any = new RegExp(sources.join('|'), 'giu');
  return (text) => writtenOf(struck(spellingOf(text), any));
}

const BEYOND_ASCII = /[^\p{ASCII}]/gu;

/** A value whose UTF-8 somebody read as Latin-1 or windows-1252 (`JosÃ©`), or whose letters beyond ASCII got lost (`Jos?`). */
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

interface Pattern {
  readonly source: string;
  /** Letters, digits and signs that it is of. */
  readonly length: number;
}

/** What a personal value, in the one spelling that is searched, may look like in a text. */
function patternsOf(value: string): Pattern[] {
  const text = spelt(value).trim();
  const exact = { source: escaped(text), length: text.length };
  const characters = wordsIn(text).join('');
  if (characters.replace(/\D/g, '').length >= Math.max(SHORTEST_NUMBER, characters.length - 2)) {
    const lengths = [characters.length, LOCAL_DIGITS + 1, LOCAL_DIGITS].filter((length) => length <= characters.length);
    return [exact, ...lengths.map((length) => parted(characters.slice(-length).split(''), 3))];
  }
  // What an e-mail address has beside its name is nobody's (`email`, `gmail`, `com`).
  const parts = text.includes('@')
    ? []
    : text.split(/[\s,]+/).flatMap((part) => [wordsIn(part), ...wordsIn(part).map(alone)]);
  const longer = parts.filter((part) => part.join('').length >= SHORTEST_PART);
  return [exact, ...[wordsIn(text), ...longer].filter(({ length }) => length > 0).map((part) => parted(part, 4))];
}

function wordsIn(text: string): string[] {
  return text.match(/[\p{L}\p{N}]+/gu) ?? [];
}

function alone(word: string): string[] {
  return [word];
}

/** The parts one after the other, with at most so many other signs between two of them. */
function parted(parts: readonly string[], most: number): Pattern {
  return { source: parts.join(`[^\\p{L}\\p{N}]{0,${most}}`), length: parts.join('').length };
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/]/g, String.raw`\$&`);
}
