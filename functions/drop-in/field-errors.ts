import * as z from 'zod';
import type { Problem } from '../http/problems.ts';

const fieldErrorsSchema = z.array(z.object({ field: z.string(), message: z.string() }));

/** The fields of the request that a problem names; none where it is about something else. */
export function fieldErrorsIn(members: Problem['members']): z.infer<typeof fieldErrorsSchema> {
  return fieldErrorsSchema.safeParse(members?.['errors']).data ?? [];
}
