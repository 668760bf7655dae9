import type { AttributeValue } from '@aws-sdk/client-dynamodb';

export type Item = Record<string, AttributeValue>;

/** What an expression's `#names` and `:values` stand for. */
export interface Substitutes {
  readonly names: Readonly<Record<string, string>>;
  readonly values: Readonly<Record<string, AttributeValue>>;
}

export type Condition = (item: Item, substitutes: Substitutes) => boolean;
type Operand = (item: Item, substitutes: Substitutes) => AttributeValue | undefined;

const parsed = new Map<string, Condition>();

/**
 * A condition or key-condition expression, ready to be asked of items: comparisons, BETWEEN, IN, AND, OR, NOT, parentheses,
 * `attribute_exists` and `attribute_not_exists`. Throws for whatever else DynamoDB knows, so that nothing is taken for true by
 * mistake.
 */
export function conditionOf(expression: string): Condition {
  const known = parsed.get(expression);
  if (known !== undefined) return known;
  const condition = parse(expression);
  parsed.set(expression, condition);
  return condition;
}

/** The assignments of `SET a = :a, b = :b`. Throws for any other update expression. */
export function assignmentsOf(expression: string): { name: string; value: string }[] {
  if (!/^SET /i.test(expression)) throw unsupported(expression);
  return expression
    .slice(4)
    .split(',')
    .map((assignment) => {
      const [, name, value] = /^\s*([#\w]+)\s*=\s*(:\w+)\s*$/.exec(assignment) ?? [];
      if (name === undefined || value === undefined) throw unsupported(expression);
      return { name, value };
    });
}

export function nameOf(token: string, { names }: Pick<Substitutes, 'names'>): string {
  if (!token.startsWith('#')) return token;
  const name = names[token];
  if (name === undefined) throw new Error(`The expression's ${token} stands for nothing.`);
  return name;
}

function parse(expression: string): Condition {
  const tokens = expression.match(/[#:]?\w+|<=|>=|[=<>(),]/g) ?? [];
  let position = 0;
  const peek = () => tokens[position]?.toUpperCase();
  const take = (): string => {
    const token = tokens[position];
    if (token === undefined) throw unsupported(expression);
    position += 1;
    return token;
  };
  const expect = (token: string): void => {
    if (take().toUpperCase() !== token) throw unsupported(expression);
  };
  const isNext = (token: string): boolean => {
    if (peek() !== token) return false;
    position += 1;
    return true;
  };

  const either = (): Condition => {
    let left = both();
    while (isNext('OR')) left = anyOf(left, both());
    return left;
  };
  const both = (): Condition => {
    let left = one();
    while (isNext('AND')) left = allOf(left, one());
    return left;
  };
  const one = (): Condition => {
    if (isNext('NOT')) {
      const negated = one();
      return (item, substitutes) => !negated(item, substitutes);
    }
    if (isNext('(')) {
      const inner = either();
      expect(')');
      return inner;
    }
    if (peek() === 'ATTRIBUTE_EXISTS' || peek() === 'ATTRIBUTE_NOT_EXISTS') {
      const isWanted = take().toUpperCase() === 'ATTRIBUTE_EXISTS';
      expect('(');
      const attribute = operand();
      expect(')');
      return (item, substitutes) => (attribute(item, substitutes) !== undefined) === isWanted;
    }
    return comparison(operand());
  };
  const comparison = (left: Operand): Condition => {
    const operator = take().toUpperCase();
    if (operator === 'BETWEEN') {
      const least = operand();
      expect('AND');
      const most = operand();
      return (item, substitutes) =>
        compares('>=', left(item, substitutes), least(item, substitutes)) &&
        compares('<=', left(item, substitutes), most(item, substitutes));
    }
    if (operator === 'IN') {
      expect('(');
      const choices = [operand()];
      while (isNext(',')) choices.push(operand());
      expect(')');
      return (item, substitutes) =>
        choices.some((choice) => compares('=', left(item, substitutes), choice(item, substitutes)));
    }
    const right = operand();
    return (item, substitutes) => compares(operator, left(item, substitutes), right(item, substitutes));
  };
  const operand = (): Operand => {
    const token = take();
    if (token.startsWith(':')) return (_, { values }) => values[token];
    if (!/^#?\w+$/.test(token)) throw unsupported(expression);
    return (item, substitutes) => item[nameOf(token, substitutes)];
  };

  const condition = either();
  if (position < tokens.length) throw unsupported(expression);
  return condition;
}

function anyOf(left: Condition, right: Condition): Condition {
  return (item, substitutes) => left(item, substitutes) || right(item, substitutes);
}

function allOf(left: Condition, right: Condition): Condition {
  return (item, substitutes) => left(item, substitutes) && right(item, substitutes);
}

/** DynamoDB compares values of one type only; a missing attribute compares with nothing. */
function compares(operator: string, left: AttributeValue | undefined, right: AttributeValue | undefined): boolean {
  if (left === undefined || right === undefined) return false;
  const order = orderOf(left, right);
  if (order === null) return false;
  switch (operator) {
    case '=':
      return order === 0;
    case '<':
      return order < 0;
    case '<=':
      return order <= 0;
    case '>':
      return order > 0;
    case '>=':
      return order >= 0;
    default:
      throw unsupported(operator);
  }
}

/** Null where the types differ. Text is in the order of its UTF-8 bytes, which is that of its code units here: ours is ASCII. */
function orderOf(left: AttributeValue, right: AttributeValue): number | null {
  if (left.S !== undefined && right.S !== undefined) return left.S === right.S ? 0 : left.S < right.S ? -1 : 1;
  if (left.N !== undefined && right.N !== undefined) return Number(left.N) - Number(right.N);
  if (left.BOOL !== undefined && right.BOOL !== undefined) return Number(left.BOOL) - Number(right.BOOL);
  return null;
}

function unsupported(expression: string): Error {
  return new Error(`The in-memory DynamoDB does not know this expression: ${expression}`);
}
