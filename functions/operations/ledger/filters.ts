import type { Item } from './items.ts';
import type { Operation, Outcome } from '../rules/operation.ts';

/** Which operations a list shows. A filter that is left out lets everything pass. */
export interface OperationFilters {
  outcomes?: readonly Outcome[] | undefined;
  kind?: Operation['kind'] | undefined;
  reason?: NonNullable<Operation['reason']> | undefined;
  actor?: string | undefined;
  trigger?: Operation['trigger'] | undefined;
  connections?: readonly string[] | undefined;
}

/** The parts of a DynamoDB request that make it return only operations that pass the filters. */
export interface FilterParts {
  readonly expressions: readonly string[];
  readonly names: Readonly<Record<string, string>>;
  readonly values: Item;
}

/** An operation whose call is under way is shown as `unknown` (`view-of.ts`). */
function statesOf(outcomes: readonly Outcome[]): string[] {
  return outcomes.flatMap((outcome) => (outcome === 'unknown' ? ['unknown', 'calling'] : [outcome]));
}

/** The filters as DynamoDB's filter expressions. */
export function filterParts({ outcomes, connections, ...exact }: OperationFilters): FilterParts {
  const expressions: string[] = [];
  const names: Record<string, string> = {};
  const values: Item = {};
  const among = (attribute: string, wanted: readonly string[]) => {
    names[`#${attribute}`] = attribute;
    const slots = wanted.map((value, index) => {
      values[`:${attribute}${index}`] = { S: value };
      return `:${attribute}${index}`;
    });
    expressions.push(`#${attribute} IN (${slots.join(', ')})`);
  };
  if (outcomes !== undefined) among('state', statesOf(outcomes));
  if (connections !== undefined) among('connection', connections);
  for (const [attribute, value] of Object.entries(exact)) if (value !== undefined) among(attribute, [value]);
  return { expressions, names, values };
}

/** Whether an operation passes the filters. */
export function passes(operation: Operation, { outcomes, connections, ...exact }: OperationFilters): boolean {
  if (outcomes !== undefined && !statesOf(outcomes).includes(operation.state)) return false;
  if (connections !== undefined && !connections.includes(operation.connection)) return false;
  return Object.entries(exact).every(
    ([attribute, value]) => value === undefined || operation[attribute as keyof typeof exact] === value,
  );
}
