import { createCursors, type Cursors } from '../../functions/http/cursor.ts';
import { createKeys } from '../../functions/runtime/keys.ts';

const KEY = 'k'.repeat(32);

/** Cursors that are sealed as in a stack that has this secret. */
export function cursorsOf(secret: { current: string; previous?: string } = { current: KEY }): Cursors {
  return createCursors(createKeys({ readSecret: () => Promise.resolve(JSON.stringify(secret)) }));
}
