import { afterAll, describe, expect, it } from '@jest/globals';
import { CASES, killAtEveryAwait, scenariosOf } from '../simulation/every-await.ts';

let killed = 0;
afterAll(() => {
  process.stdout.write(`A function was killed at ${killed} places, and all ended right.\n`);
});

describe.each(CASES)('a function of %s that dies while it works on a %s over %s', (...cause) => {
  it.each(scenariosOf(cause[0]))('at whichever await leaves no harm where $name', async (scenario) => {
    const { places, touches } = await killAtEveryAwait(cause, scenario);
    expect(places).toBeGreaterThan(touches);
    killed += places;
  });
});
