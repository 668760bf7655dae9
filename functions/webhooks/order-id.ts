import { search } from '@aws-lambda-powertools/jmespath';
import * as z from 'zod';
import { groupsIn } from './order-id-pattern.ts';

type JsonObject = Parameters<typeof search>[1];

/** An order id as a path finds it: a text or a whole number, alone or as the only member of a list. */
const found = z.union([z.string(), z.int().transform(String)]);
const foundSchema = z.union([found, z.tuple([found]).transform(([only]) => only)]);

/**
 * Returns the provider's order id from the place in a shop's order where the merchant keeps it: a tag, a note attribute, a
 * metafield. `orderIdPath` is JMESPath; `orderIdPattern` has one group, the order id in the text that the path found. Null if there
 * is no order id or more than one. Throws `SearchGivenUp`.
 */
export function orderIdIn(
  order: JsonObject,
  { orderIdPath, orderIdPattern }: { orderIdPath: string; orderIdPattern?: string | undefined },
): string | null {
  const text = foundSchema.safeParse(searched(orderIdPath, order)).data?.trim();
  if (text === undefined || orderIdPattern === undefined) return text ?? null;
  const [id, another] = groupsIn(text, orderIdPattern);
  return another === undefined ? (id ?? null) : null;
}

const LONGEST_PATH = 500;

/** Whether the text is a usable JMESPath expression. */
export function isPath(text: string): boolean {
  if (text.length > LONGEST_PATH) return false;
  try {
    search(text, {});
    return true;
  } catch (error) {
    // The order here is empty, so a function that rejects its argument does not make the path wrong.
    return error instanceof Error && error.name === 'JMESPathTypeError';
  }
}

function searched(path: string, order: JsonObject): unknown {
  try {
    return search(path, order);
  } catch {
    return undefined;
  }
}
