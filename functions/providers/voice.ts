import { isSuccess, jsonOf, type HttpClient, type HttpReply, type HttpResult } from './http-client.ts';
import { noteUnreadable } from './parse-reply.ts';
import type { CallFailure, LostProblem } from './call-failure.ts';
import { wordsOf } from './words.ts';

/** What a provider itself said in answer to a call; or, where it is not surely the provider who spoke, what that means. */
export type Heard =
  | Answer
  /** The provider said no. */
  | { readonly kind: 'no'; readonly words: string }
  /** The provider said that it has no such order. */
  | { readonly kind: 'not_found'; readonly words: string }
  | CallFailure;

/** A 2xx that is no page. `json` is undefined where the body is empty; what it says, each call reads for itself. */
export interface Answer {
  readonly kind: 'answer';
  readonly json: unknown;
  readonly reply: HttpReply;
}

/**
 * The statuses with which an application refuses (RFC 9110 and RFC 6585). All other 4xx are written by what stands before it, whatever
 * their body: proxies (407), CDNs and load balancers (421, 425, 431, 460, 463), nginx (444, 494 to 499).
 */
const REFUSING: ReadonlySet<number> = new Set([
  400, 401, 402, 403, 404, 405, 406, 409, 410, 412, 415, 418, 422, 423, 424, 428,
]);

/**
 * Tells a provider's own voice from that of a proxy, CDN, WAF or gateway on the way, and from JSON that nobody has documented. Each
 * provider has one function of its own made of this (`<provider>/voice.ts`); `saysNo` knows the shape in which the provider refuses.
 *
 * | reply | is |
 * | --- | --- |
 * | 2xx: JSON, or empty | an answer |
 * | a status that refuses, with the provider's "no" in JSON | the provider's no; of 401 and 404 what they mean |
 * | 404, empty, with the provider's marks | not found |
 * | 401, empty, with the provider's marks | the provider rejects the credential |
 * | a status that refuses, with other JSON, or empty with the marks | `unknown_reply`: it may be a genuine no. Not of 401, which is of the connection |
 * | 500 with JSON | `provider_error` |
 * | 429, 408 | what they mean, whoever wrote them: neither proves anything of the order |
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

/** How broken JSON begins, and plain text with a bracket at its head (`[nginx] upstream timed out`, `{error}`) does not. */
const CUT_OFF = /^\uFEFF?\s*(?=[[{])(?:\[\s*)*(?:\{\s*(?:["'}]|$)|"|$|[\d-][\d.,eE+\s-]*$)/;

const WHY: Readonly<Partial<Record<LostProblem, string>>> = {
  foreign_reply: "not the provider's own: a page, nothing, or an edge's status",
  unknown_reply: 'JSON in a shape that is not known',
  unreadable_reply: 'no JSON: it was cut off',
};

/** The same, told in the log where it is not surely the provider who spoke. */
export function noteHeard(heard: Heard, http: HttpClient): Heard {
  const why = heard.kind === 'lost' ? WHY[heard.problem] : undefined;
  if (why !== undefined) noteUnreadable(http, [why]);
  return heard;
}

/** A 2xx that a read can make nothing of. An empty one is an outage, as a page is. */
export function unreadable({ json, reply }: Answer): CallFailure {
  return json === undefined ? lost('foreign_reply', reply.status) : { kind: 'lost', problem: 'unreadable_reply' };
}

/** A 2xx that shows nothing of what an ask is answered with. */
export function unknown({ json, reply }: Answer): CallFailure {
  return lost(json === undefined ? 'foreign_reply' : 'unknown_reply', reply.status);
}

function lost(problem: Extract<LostProblem, 'foreign_reply' | 'unknown_reply'>, status: number): CallFailure {
  return { kind: 'lost', problem, status };
}

/** `application/problem+json` is how gateways write, and neither provider. */
function isJsonType({ contentType }: HttpReply): boolean {
  return contentType !== null && contentType !== 'application/problem+json' && /[/+]json$/.test(contentType);
}
