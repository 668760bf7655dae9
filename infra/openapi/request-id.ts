import * as z from 'zod';

const requestId = z.string().meta({ description: "The request's id in the log." });

/** Returns the headers of a reply that came through the chain (`functions/http/chain.ts`). */
export function withRequestId(headers: z.ZodObject | undefined): z.ZodObject {
  return z.object({ 'x-request-id': requestId, ...headers?.shape });
}
