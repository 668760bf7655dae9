import type { HttpResult } from '../http-client.ts';
import { heardFrom, type Heard } from '../voice.ts';
import { hasText, isObject } from '../words.ts';

/**
 * Whose word a reply is. Estoka documents no error bodies; JSON with text under `errors` is what its siblings of the same vendor
 * answer. A page, plain text and a gateway's `{"message": "Forbidden"}` are not Estoka's.
 */
export function hear(result: HttpResult): Heard {
  return heardFrom(result, saysNo);
}

export function saysNo(json: unknown): boolean {
  return isObject(json) && hasText(json['errors']);
}
