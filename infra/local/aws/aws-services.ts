import { createServer, type IncomingMessage } from 'node:http';
import * as z from 'zod';
import { parseBoundedJson } from '../../../functions/runtime/bounded-json.ts';
import { JsonTooDeep } from '../../../functions/runtime/errors.ts';
import { listed, problemsOf } from '../../../functions/runtime/schema-problems.ts';
import type { Answer } from './answer.ts';
import type { LocalEventBus } from './event-bus.ts';
import { endServer, listen } from '../../listen.ts';
import { answerInvoke, isInvoke, type InvocationsNeeds } from './invocations.ts';
import { MoveRefused, type MessageMoves } from './message-moves.ts';
import { isQuery, queryRefusal } from './query-protocol.ts';
import { requestTarget } from './request-target.ts';
import type { LocalTasks } from './tasks.ts';

/** The AWS services through which the stack is used besides its API, all on one port of this machine. */
export interface AwsServices {
  readonly endpoint: string;
  close(): Promise<void>;
}

export interface AwsServicesNeeds extends InvocationsNeeds {
  /** 0: any free port. */
  readonly port: number;
  readonly eventBus: LocalEventBus;
  readonly tasks: LocalTasks;
  /** The endpoint of SQS, to which its requests are passed on. */
  readonly sqsEndpoint: string;
  /** SQS's tasks that move messages, which that endpoint does not have. */
  readonly messageMoves: MessageMoves;
}

const NO_ACTION =
  'The request names no action in X-Amz-Target, and is not an Invoke (POST /2015-03-31/functions/{name}/invocations).';

/**
 * Serves EventBridge's `PutEvents`, Step Functions' `SendTaskSuccess` and `SendTaskFailure`, Lambda's `Invoke`, and SQS, in their JSON
 * protocols, so that AWS's own command line and SDKs work with this endpoint. Signatures are not checked.
 */
export async function startAwsServices(needs: AwsServicesNeeds): Promise<AwsServices> {
  const server = createServer((incoming, response) => {
    answer(incoming, needs)
      .catch(refusal)
      .then(({ status, headers, body }) => {
        response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1', ...headers }).end(body);
      })
      .catch(() => response.destroy());
  });
  const port = await listen(server, needs.port);
  return {
    endpoint: `http://127.0.0.1:${port}`,
    close: () => endServer(server),
  };
}

async function answer(incoming: IncomingMessage, needs: AwsServicesNeeds): Promise<Answer> {
  // This endpoint needs no token, so a page in the operator's browser must not reach it. Browsers send one of these headers, except when
  // they load a picture or a script, which they do by GET.
  const { origin, 'sec-fetch-site': site } = incoming.headers;
  if (origin !== undefined || site !== undefined) return failure(403, 'AccessDeniedException', 'Not from a browser.');
  let text = '';
  for await (const chunk of incoming.setEncoding('utf8')) text += String(chunk);
  const { path } = requestTarget(incoming.url ?? '/');
  if (isInvoke(path)) {
    if (incoming.method !== 'POST') return failure(405, 'MethodNotAllowedException', 'Invoke is a POST.');
    const type = String(incoming.headers['x-amz-invocation-type'] ?? 'RequestResponse');
    return answerInvoke({ path, type, payload: text }, needs);
  }

  const { 'x-amz-target': target } = incoming.headers;
  if (typeof target !== 'string')
    return isQuery(path, text) ? queryRefusal() : failure(400, 'MissingAction', NO_ACTION);
  const [service = '', action = ''] = target.split('.');
  switch (service) {
    case 'AWSEvents':
      if (action !== 'PutEvents') break;
      return json(await needs.eventBus.put(parseBoundedJson(text)));
    case 'AWSStepFunctions':
      if (action !== 'SendTaskSuccess' && action !== 'SendTaskFailure') break;
      needs.tasks.record(action, parseBoundedJson(text));
      return json({});
    case 'AmazonSQS':
      if (needs.messageMoves.has(action)) return answerMove(action, text, needs.messageMoves);
      return handOn(needs.sqsEndpoint, target, text);
  }
  return failure(400, 'UnknownOperationException', `infra/local does not know ${target}.`);
}

/** Turns an error into the answer that AWS gives to a request that it cannot read. */
function refusal(error: unknown): Answer {
  if (error instanceof SyntaxError || error instanceof JsonTooDeep)
    return failure(400, 'SerializationException', `The body is not readable JSON: ${error.message}`);
  if (error instanceof z.ZodError)
    return failure(400, 'ValidationException', listed('The request cannot be used', problemsOf(null, error)));
  return failure(500, 'InternalFailure', String(error));
}

async function answerMove(action: string, text: string, moves: MessageMoves): Promise<Answer> {
  try {
    return json(await moves.answer(action, parseBoundedJson(text)));
  } catch (error) {
    if (!(error instanceof MoveRefused)) throw error;
    const status = error.code === 'ResourceNotFoundException' ? 404 : 400;
    return failure(status, `com.amazonaws.sqs#${error.code}`, error.message);
  }
}

async function handOn(endpoint: string, target: string, body: string): Promise<Answer> {
  const headers = { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': target };
  const reply = await fetch(endpoint, { method: 'POST', headers, body });
  return { status: reply.status, headers: { 'content-type': 'application/x-amz-json-1.0' }, body: await reply.text() };
}

function json(value: unknown): Answer {
  return { status: 200, body: JSON.stringify(value) };
}

function failure(status: number, type: string, message: string): Answer {
  return { status, body: JSON.stringify({ __type: type, message }) };
}
