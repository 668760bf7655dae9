import { parseBoundedJson } from '../../../functions/runtime/bounded-json.ts';
import type { Answer } from './answer.ts';
import type { InvocationResult } from './execution-environment.ts';
import { PSEUDO_PARAMETERS } from '../template/intrinsics.ts';

export interface InvocationsNeeds {
  readonly functionNames: ReadonlySet<string>;
  readonly invoke: (functionName: string, event: unknown) => Promise<InvocationResult>;
}

/** A request to Lambda's `Invoke`. */
export interface InvokeRequest {
  /** Path and query, undecoded. */
  readonly path: string;
  /** `X-Amz-Invocation-Type`. */
  readonly type: string;
  readonly payload: string;
}

const PATH = /^\/2015-03-31\/functions\/([^/?]+)\/invocations\/?(?:\?(.*))?$/;
/** A name, a partial ARN or an ARN, each with or without a qualifier. Its account and region are ignored: there is only one here. */
const FUNCTION_NAME =
  /^(?:arn:aws[a-z-]*:lambda:)?(?:[a-z]{2}(?:-[a-z]+)+-\d:)?(?:\d{12}:)?(?:function:)?([\w-]{1,140})(?::(\$LATEST|[\w-]+))?$/;

export function isInvoke(path: string): boolean {
  return PATH.test(path);
}

/** Answers as Lambda does. https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html */
export async function answerInvoke(request: InvokeRequest, needs: InvocationsNeeds): Promise<Answer> {
  const [, encodedName = '', query = ''] = PATH.exec(request.path) ?? [];
  const [, name, ownQualifier] = FUNCTION_NAME.exec(decoded(encodedName)) ?? [];
  if (name === undefined) return failure(400, 'ValidationException', 'The name of the function is not valid.');
  const asked = new URLSearchParams(query).get('Qualifier') ?? undefined;
  const qualifier = ownQualifier ?? asked;
  if (asked !== undefined && asked !== qualifier) {
    const differ = 'The derived qualifier from the function name does not match the specified qualifier.';
    return failure(400, 'InvalidParameterValueException', differ);
  }
  // No versions are published here, so there are no qualifiers but `$LATEST`.
  if (!needs.functionNames.has(name) || (qualifier ?? '$LATEST') !== '$LATEST') return notFound(name, qualifier);

  let event: unknown;
  try {
    event = request.payload === '' ? {} : parseBoundedJson(request.payload);
  } catch {
    return failure(400, 'InvalidRequestContentException', 'Could not parse request body into json.');
  }
  switch (request.type) {
    case 'RequestResponse':
      return answerOf(await needs.invoke(name, event));
    case 'Event':
      // Unlike Lambda, this does not repeat a failed run. The runner's log has the failure.
      void needs.invoke(name, event).catch(() => undefined);
      return { status: 202, body: '' };
    case 'DryRun':
      return { status: 204, body: '' };
    default:
      return failure(400, 'InvalidParameterValueException', 'The invocation type is not known.');
  }
}

function answerOf(result: InvocationResult): Answer {
  const headers = { 'content-type': 'application/json', 'x-amz-executed-version': '$LATEST' };
  if (result.kind === 'returned') return { status: 200, headers, body: result.payload };
  const { errorType, errorMessage, trace } = result.error;
  return {
    status: 200,
    headers: { ...headers, 'x-amz-function-error': 'Unhandled' },
    body: JSON.stringify({ errorType, errorMessage, trace }),
  };
}

function notFound(name: string, qualifier: string | undefined): Answer {
  const { 'AWS::Region': region = '', 'AWS::AccountId': account = '' } = PSEUDO_PARAMETERS;
  const arn = `arn:aws:lambda:${region}:${account}:function:${name}${qualifier === undefined ? '' : `:${qualifier}`}`;
  return failure(404, 'ResourceNotFoundException', `Function not found: ${arn}`);
}

/** Returns an error in Lambda's own shape. */
function failure(status: number, type: string, message: string): Answer {
  const headers = { 'content-type': 'application/json', 'x-amzn-errortype': type };
  return { status, headers, body: JSON.stringify({ Type: 'User', Message: message }) };
}

/** Decodes a name. An invalid encoding becomes '', which is no function's name. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return '';
  }
}
