import { expect, it } from '@jest/globals';
import { OperationInProgress } from '../../functions/operations/errors.ts';
import { performOrFollow } from '../../functions/operations/follow.ts';
import { viewOf } from '../../functions/operations/rules/view-of.ts';
import { CONFIRMED, handClock } from './world.ts';

const needs = { clock: handClock() };
const inProgress = (isSameKind: boolean) => () => Promise.reject(new OperationInProgress(CONFIRMED, 7, isSameKind));

it('an ask is performed in the time that is left but for six seconds, in which its order can be read', async () => {
  const given: number[] = [];
  const perform = (remainingMs: () => number) => {
    given.push(remainingMs());
    return Promise.resolve({ operation: CONFIRMED, replayed: false });
  };
  expect(await performOrFollow(perform, needs, () => 20_000)).toEqual({
    operation: viewOf(CONFIRMED),
    replayed: false,
    retryAfterSeconds: 0,
  });
  expect(given).toEqual([14_000]);
});

it('an operation that is what was asked for, and is being worked on, is an answer', async () => {
  expect(await performOrFollow(inProgress(true), needs, () => 20_000)).toEqual({
    operation: viewOf(CONFIRMED),
    replayed: true,
    retryAfterSeconds: 7,
  });
});

it('one that stands in the way is none, and neither is any other failure', async () => {
  await expect(performOrFollow(inProgress(false), needs, () => 20_000)).rejects.toThrow(OperationInProgress);
  const breakDown = () => Promise.reject(new Error('no'));
  await expect(performOrFollow(breakDown, needs, () => 20_000)).rejects.toThrow('no');
});
