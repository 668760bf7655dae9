import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import * as z from 'zod';
import { decodeCursor, encodeCursor } from '../../functions/http/cursor.ts';
import { InvalidInput } from '../../functions/http/errors.ts';

const place = z.object({ day: z.string() });

describe('a cursor', () => {
  it('comes back as it was given', () => {
    fc.assert(
      fc.property(fc.string(), fc.jsonValue(), (day, filters) => {
        const cursor = encodeCursor(filters, { day });
        expect(cursor).toMatch(/^[\w-]+$/);
        expect(decodeCursor(cursor, filters, place)).toEqual({ day });
      }),
    );
  });

  it('belongs to the filters that it was made for', () => {
    const cursor = encodeCursor({ outcome: 'refused' }, { day: '2026-08-01' });
    expect(() => decodeCursor(cursor, { outcome: 'unknown' }, place)).toThrow(InvalidInput);
  });

  it('is refused, by name, when it is anything else', () => {
    const others = fc.oneof(
      fc.string(),
      fc.base64String(),
      fc.jsonValue().map((value) => encodeCursor({}, value)),
    );
    fc.assert(
      fc.property(others, (text) => {
        try {
          decodeCursor(text, { outcome: 'refused' }, place);
        } catch (error) {
          expect(error).toMatchObject({ name: 'InvalidInput', errors: [{ field: 'cursor' }] });
          return;
        }
        throw new Error('It was taken.');
      }),
    );
  });
});
