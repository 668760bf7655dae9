import { expect, it } from '@jest/globals';
import { estokaHint } from '../../functions/webhooks/estoka-hint.ts';

const idIn = (id: unknown) =>
  estokaHint.safeParse({ object_type: 'Order', object_id: id, organization_id: 1, event: 'cancelled' }).data?.object_id;

it.each([
  [342, '342'],
  ['342', '342'],
  ['9'.repeat(18), '9'.repeat(18)],
  ['9'.repeat(19), undefined],
  ['342x', undefined],
  ['x342', undefined],
  ['', undefined],
])('the id %j that Estoka tells of is %j', (told, id) => {
  expect(idIn(told)).toBe(id);
});
