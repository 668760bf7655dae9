import type { HttpClient, HttpResult } from '../http-client.ts';
import { heardFrom, noteHeard, type Heard } from '../voice.ts';
import { isObject, saysSomething, saysWhy } from '../words.ts';
import { meaningOf } from './wire.ts';

/**
 * Whose word a reply is. ngorder's documented failure has `response` failed (or gagal); a `message` beside `errors` is how its framework
 * (Laravel) refuses what is not valid. A page, plain text and a gateway's `{"message": "Forbidden"}` are not ngorder's.
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
