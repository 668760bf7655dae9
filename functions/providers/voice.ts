import { isSuccess, jsonOf, type HttpClient, type HttpReply, type HttpResult } from './http-client.ts';
import { noteUnreadable } from './parse-reply.ts';
import type { CallFailure, LostProblem } from './call-failure.ts';
import { wordsOf } from './words.ts';

/** A provider's own answer to a call, or the failure that a reply counts as if it is not certainly the provider's. */
export type Heard =
  | Answer
  /** The provider refused. */
  | { readonly kind: 'no'; readonly words: string }
  /** The provider said that it has no such order. */
  | { readonly kind: 'not_found'; readonly words: string }
  | CallFailure;

/** A 2xx that is not a page. `json` is undefined if the body is empty. Each call judges for itself what the JSON means. */
export interface Answer {
  readonly kind: 'answer';
  readonly json: unknown;
  readonly reply: HttpReply;
}

/**
 * The statuses with which an application refuses (RFC 9110 and RFC 6585). All other 4xx are written by something in front of it,
 * whatever their body: proxies (407), CDNs and load balancers (421, 425, 431, 460, 463), nginx (444, 494 to 499).
 */
const REFUSING: ReadonlySet<number> = new Set([
  400, 401, 402, 403, 404, 405, 406, 409, 410, 412, 415, 418, 422, 423, 424, 428,
]);

/**
 * Tells a provider's own voice from that of a proxy, CDN, WAF or gateway in front of it, and from undocumented JSON. Each provider builds
 * its own function on this one (`<provider>/voice.ts`); `saysNo` knows the shape in which the provider refuses.
 *
 * | reply | meaning |
 * | --- | --- |
 * | 2xx: JSON, or empty | an answer |
 * | a status that refuses, with the provider's refusal in JSON | the provider's refusal; 401 and 404 keep their own meaning |
 * | 404, empty, with the provider's marks | not found |
 * | 401, empty, with the provider's marks | the provider rejects the credential |
 * | a status that refuses, with other JSON, or empty with the marks | `unknown_reply`: it may be a genuine refusal. Not a 401, which concerns the connection |
 * | 500 with JSON | `provider_error` |
 * | 429, 408 | their own meaning, whoever wrote them: neither proves anything about the order |
 * | JSON that was cut off or is broken | `unreadable_reply` |
 * | any other: a page, plain text, an empty body, a redirect, an edge's status | `foreign_reply`: an outage of the connection |
 */
export function heardFrom(result: HttpResult, saysNo: (json: unknown) => boolean): Heard {
  if (result.kind !== 'reply') return result;
  const { status, body } = result;
  if (status === 408) return { kind: 'lost', problem: 'timed_out' };
  if (status === 429) return { kind: 'rate_limited', retryAfterMs: result.retryAfterMs };

  const json = jsonOf(body);
  const isEmpty = body.trim() === '';
  if (isSuccess(status) && (json !== undefined || isEmpty)) return { kind: 'answer', json, reply: result };
  if (status === 500 && json !== undefined) return { kind: 'lost', problem: 'provider_error' };
  if (!isSuccess(status) && !REFUSING.has(status)) return lost('foreign_reply', status);

  const isOwnEmpty = isEmpty && isJsonType(result) && result.hasRequestId;
  const isNo = json !== undefined && (result.contentType === null || isJsonType(result)) && saysNo(json);
  if (status === 401) return isNo || isOwnEmpty ? { kind: 'credential_rejected' } : lost('foreign_reply', status);
  if (status === 404 && (isNo || isOwnEmpty)) return { kind: 'not_found', words: wordsOf(result) };
  if (isNo) return { kind: 'no', words: wordsOf(result) };
  if (json !== undefined || isOwnEmpty) return lost('unknown_reply', status);
  return CUT_OFF.test(body) ? { kind: 'lost', problem: 'unreadable_reply' } : lost('foreign_reply', status);
}

/** Matches the beginning of broken JSON, but not plain text with a bracket at its start (`[nginx] upstream timed out`, `{error}`). */
const CUT_OFF = /^\uFEFF?\s*(?=[[{])(?:\[\s*)*(?:\{\s*(?:["'}]|$)|"|$|[\d-][\d.,eE+\s-]*$)/;

const WHY: Readonly<Partial<Record<LostProblem, string>>> = {
  foreign_reply: "not the provider's own: a page, nothing, or an edge's status",
  unknown_reply: 'JSON in a shape that is not known',
  unreadable_reply: 'no JSON: it was cut off',
};

/** Returns the same, and logs it if the reply is not certainly the provider's or is cut off. */
export function noteHeard(heard: Heard, http: HttpClient): Heard {
  const why = heard.kind === 'lost' ? WHY[heard.problem] : undefined;
  if (why !== undefined) noteUnreadable(http, [why]);
  return heard;
}

/** The failure for a 2xx that a read cannot use. An empty one is an outage, like a page. */
export function unreadable({ json, reply }: Answer): CallFailure {
  return json === undefined ? lost('foreign_reply', reply.status) : { kind: 'lost', problem: 'unreadable_reply' };
}

/** The failure for a 2xx that does not answer an ask. */
export function unknown({ json, reply }: Answer): CallFailure {
  return lost(json === undefined ? 'foreign_reply' : 'unknown_reply', reply.status);
}

function lost(problem: Extract<LostProblem, 'foreign_reply' | 'unknown_reply'>, status: number): CallFailure {
  return { kind: 'lost', problem, status };
}

/** Gateways send `application/problem+json`; neither provider does. */
function isJsonType({ contentType }: HttpReply): boolean {
  return contentType !== null && contentType !== 'application/problem+json' && /[/+]json$/.test(contentType);
}
