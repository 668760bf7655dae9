import * as z from 'zod';

const id = z.union([z.int().positive(), z.string().regex(/^\d{1,18}$/)]).transform(String);

/** The whole message that Estoka sends. It has no order, no delivery id and no time. */
export const estokaHint = z.object({ object_type: z.string(), object_id: id, organization_id: id, event: z.string() });

/** In the vendor's sample, `pending_cancel` comes with `OrderDecorator`. */
const ORDER_TYPES: readonly string[] = ['Order', 'OrderDecorator'];

/** Whether an order's cancellation may have progressed. Three events are documented; any other event that names cancelling also counts. */
export function isAboutCancelling({ object_type: type, event }: z.infer<typeof estokaHint>): boolean {
  return ORDER_TYPES.includes(type) && /cancel/i.test(event);
}

/** The organization of a connection to Estoka. */
export const estokaSettings = z.object({ organizationId: z.int().transform(String) });
