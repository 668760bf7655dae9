import type { HttpClient, HttpResult } from '../http-client.ts';
import { heardFrom, noteHeard, type Heard } from '../voice.ts';
import { isObject, saysSomething, saysWhy } from '../words.ts';
import { meaningOf } from './wire.ts';

/**
 * Tells whose voice a reply is. ngorder's documented failure has `response` failed (or gagal); its framework (Laravel) refuses
 * invalid input with a `message` beside `errors`. A page, plain text and a gateway's `{"message": "Forbidden"}` are not ngorder's.
 */
export function hear(result: HttpResult, http: HttpClient): Heard {
  return noteHeard(heardFrom(result, saysNo), http);
}

export function saysNo(json: unknown): boolean {
  if (!isObject(json)) return false;
  const { response, message, errors } = json;
  const meaning = typeof response === 'string' ? meaningOf(response) : 'unclear';
  return meaning === 'failure' || (meaning === 'unclear' && saysSomething(message) && saysWhy(errors));
}
