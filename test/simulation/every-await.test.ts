import { describe, expect, it } from '@jest/globals';
import { CASES, killAtEveryAwait, scenariosOf } from './every-await.ts';

/** Of the scenarios that `npm run test:long` goes through, those in which an answer is lost after the provider acted, and before. */
const LOST = /, and the answer is: reset after sending$/;

describe.each(CASES)('a function of %s that dies while it works on a %s over %s', (...cause) => {
  it.each(scenariosOf(cause[0]).filter(({ name }) => LOST.test(name)))(
    'at whichever await leaves no harm where $name',
    async (scenario) => {
      const { places, touches } = await killAtEveryAwait(cause, scenario);
      expect(places).toBeGreaterThan(touches);
    },
  );
});
