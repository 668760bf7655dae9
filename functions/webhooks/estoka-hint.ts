import * as z from 'zod';

const id = z.union([z.int().positive(), z.string().regex(/^\d{1,18}$/)]).transform(String);

/** All that Estoka sends: no order, no id of the delivery, no time. */
export const estokaHint = z.object({ object_type: z.string(), object_id: id, organization_id: id, event: z.string() });

/** `pending_cancel` comes with the second one, in the vendor's sample. */
const ORDER_TYPES: readonly string[] = ['Order', 'OrderDecorator'];

/** Whether an order's cancellation may have moved on. The documented events are three; what else names it is looked at too. */
export function isAboutCancelling({ object_type: type, event }: z.infer<typeof estokaHint>): boolean {
  return ORDER_TYPES.includes(type) && /cancel/i.test(event);
}

/** The organization of a connection to Estoka. */
export const estokaSettings = z.object({ organizationId: z.int().transform(String) });
