/**
 * Chance that is bound to a place: the same seed and the same place always throw the same, whatever was thrown elsewhere. So a
 * caller can be left out of a run, or a fault be kept from happening, without changing the luck of all others.
 */
export interface Dice {
  /** Evenly distributed in [0, 1). */
  next(): number;
  chance(probability: number): boolean;
  /** A whole number, both ends included. */
  between(least: number, most: number): number;
  pick<T>(values: readonly [T, ...T[]]): T;
}

export function dice(...place: readonly number[]): Dice {
  let state = 0x9e3779b9;
  for (const number of place) state = mixed(state ^ Math.imul(number | 0, 0x85ebca6b)) + 0x6d2b79f5;
  return new Stream(state);
}

/** A class for speed: a stream is made for every touch of the outside world. */
class Stream implements Dice {
  #state: number;

  constructor(state: number) {
    this.#state = state | 0;
  }

  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    return mixed(this.#state) / 4294967296;
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  between(least: number, most: number): number {
    return least + Math.floor(this.next() * (most - least + 1));
  }

  pick<T>(values: readonly [T, ...T[]]): T {
    return values[Math.floor(this.next() * values.length)] ?? values[0];
  }
}

/** A place by its name. */
export function placeOf(name: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < name.length; index += 1) hash = Math.imul(hash ^ name.charCodeAt(index), 0x01000193);
  return hash >>> 0;
}

/** The finaliser of MurmurHash3: every bit of the input moves every bit of the output. */
function mixed(value: number): number {
  let hash = value;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
