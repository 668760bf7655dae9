import { describe, expect, it } from '@jest/globals';
import { onColdStart } from '../../functions/assembly/cold-start.ts';
import { lambdaContext } from '../support/api-event.ts';

describe('a handler', () => {
  it('is built at its first event, once', async () => {
    let builds = 0;
    const handler = onColdStart(() => {
      builds += 1;
      return (event) => Promise.resolve(`${String(event)} by ${builds}`);
    });
    expect(builds).toBe(0);
    expect(await handler('a', lambdaContext())).toBe('a by 1');
    expect(await handler('b', lambdaContext())).toBe('b by 1');
  });

  it('is built anew after its building failed', async () => {
    let builds = 0;
    const handler = onColdStart(() => {
      builds += 1;
      if (builds === 1) throw new Error('not yet');
      return () => Promise.resolve('built');
    });
    await expect(async () => handler({}, lambdaContext())).rejects.toThrow('not yet');
    expect(await handler({}, lambdaContext())).toBe('built');
  });
});
