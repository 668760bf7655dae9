import { search } from '@aws-lambda-powertools/jmespath';
import * as z from 'zod';
import { groupsIn } from './order-id-pattern.ts';

type JsonObject = Parameters<typeof search>[1];

/** What a path finds where there is an order id: text or a whole number, also as the only member of a list. */
const found = z.union([z.string(), z.int().transform(String)]);
const foundSchema = z.union([found, z.tuple([found]).transform(([only]) => only)]);

/**
 * The provider's order id in a shop's order, where the merchant keeps it: a tag, a note attribute, a metafield. `orderIdPath` is
 * JMESPath; `orderIdPattern` has one group, the order id, in what the path found. Null where it is not there, or is not the only
 * one. Throws `SearchGivenUp`.
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

/** Whether the text is a JMESPath expression that can be used. */
export function isPath(text: string): boolean {
  if (text.length > LONGEST_PATH) return false;
  try {
    search(text, {});
    return true;
  } catch (error) {
    // A function that does not take what it was given says nothing against the path: this order is an empty one.
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
