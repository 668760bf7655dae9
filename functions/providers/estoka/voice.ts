import type { HttpClient, HttpResult } from '../http-client.ts';
import { heardFrom, noteHeard, type Heard } from '../voice.ts';
import { isObject, saysWhy } from '../words.ts';

/**
 * Tells whose voice a reply is. Estoka documents no error bodies; sibling products of the same vendor answer JSON with text under
 * `errors`. A page, plain text and a gateway's `{"message": "Forbidden"}` are not Estoka's.
 */
export function hear(result: HttpResult, http: HttpClient): Heard {
  return noteHeard(heardFrom(result, saysNo), http);
}

export function saysNo(json: unknown): boolean {
  return isObject(json) && saysWhy(json['errors']);
}
