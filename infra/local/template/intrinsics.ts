/** The names behind a template's references. */
export interface References {
  /** Returns the value of `Ref` for a resource (by logical id) or a pseudo parameter (`AWS::Region`). */
  ref(logicalId: string): string;
  getAtt(logicalId: string, attribute: string): string;
}

/** The pseudo parameters of the account that this machine stands for. */
export const PSEUDO_PARAMETERS: Readonly<Record<string, string>> = {
  'AWS::AccountId': '000000000000',
  'AWS::Partition': 'aws',
  'AWS::Region': 'us-east-1',
  'AWS::StackName': 'Countermand',
  'AWS::StackId': 'arn:aws:cloudformation:us-east-1:000000000000:stack/Countermand/local',
  'AWS::URLSuffix': 'amazonaws.com',
};

/** Replaces CloudFormation's intrinsic functions in `value`. Throws on one that it does not know. */
export function resolve(value: unknown, references: References): unknown {
  if (Array.isArray(value)) return value.map((entry) => resolve(entry, references));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value);
  const [only] = entries;
  if (only !== undefined && entries.length === 1 && isIntrinsic(only[0])) return call(only[0], only[1], references);
  return Object.fromEntries(entries.map(([key, entry]) => [key, resolve(entry, references)]));
}

function isIntrinsic(key: string): boolean {
  return key === 'Ref' || key.startsWith('Fn::');
}

function call(name: string, argument: unknown, references: References): string {
  switch (name) {
    case 'Ref':
      return references.ref(text(argument, name));
    case 'Fn::GetAtt': {
      const [logicalId, attribute] = typeof argument === 'string' ? argument.split('.', 2) : list(argument, name);
      return references.getAtt(text(logicalId, name), text(attribute, name));
    }
    case 'Fn::Join': {
      const [separator, parts] = list(argument, name);
      return list(resolve(parts, references), name)
        .map((part) => text(part, name))
        .join(text(separator, name));
    }
    case 'Fn::Sub':
      return substitute(argument, references);
    default:
      throw new Error(`The template uses ${name}, which infra/local/template/intrinsics.ts does not know yet.`);
  }
}

function substitute(argument: unknown, references: References): string {
  const [template, given] = Array.isArray(argument) ? list(argument, 'Fn::Sub') : [argument, {}];
  const resolved = resolve(given, references);
  const variables = new Map<string, unknown>(
    typeof resolved === 'object' && resolved !== null ? Object.entries(resolved) : [],
  );
  return text(template, 'Fn::Sub').replace(/\$\{(!?)([^}]+)\}/g, (_match, literal: string, name: string) => {
    if (literal === '!') return `\${${name}}`;
    if (variables.has(name)) return text(variables.get(name), 'Fn::Sub');
    const [logicalId = name, ...attribute] = name.split('.');
    return attribute.length === 0 ? references.ref(name) : references.getAtt(logicalId, attribute.join('.'));
  });
}

function text(value: unknown, intrinsic: string): string {
  if (typeof value !== 'string')
    throw new Error(`The template's ${intrinsic} holds ${JSON.stringify(value)} where a string belongs.`);
  return value;
}

function list(value: unknown, intrinsic: string): unknown[] {
  if (!Array.isArray(value))
    throw new Error(`The template's ${intrinsic} holds ${JSON.stringify(value)} where a list belongs.`);
  return value;
}
