import { describe, expect, it } from '@jest/globals';
import type { HttpReply } from '../../functions/providers/http-client.ts';
import { heardFrom, unknown, unreadable, type Heard } from '../../functions/providers/voice.ts';

const JSON_TYPE = 'application/json';
const NO = '{"no": "locked"}';
const PAGE = '<!doctype html><h1>Just a moment…</h1>';

function hear(reply: Partial<HttpReply>): Heard {
  return heardFrom(
    { kind: 'reply', status: 403, retryAfterMs: null, contentType: null, hasRequestId: false, body: '', ...reply },
    (json) => typeof json === 'object' && json !== null && 'no' in json,
  );
}

const foreign = (status: number) => ({ kind: 'lost', problem: 'foreign_reply', status });
const unknownReply = (status: number) => ({ kind: 'lost', problem: 'unknown_reply', status });

describe('whose word a reply is', () => {
  it.each([400, 402, 403, 405, 406, 409, 410, 412, 415, 418, 422, 423, 424, 428])(
    'the provider’s, where its own "no" comes with %i',
    (status) => {
      expect(hear({ status, body: NO, contentType: JSON_TYPE })).toMatchObject({ kind: 'no' });
      expect(hear({ status, body: NO })).toMatchObject({ kind: 'no' });
    },
  );

  it.each([
    ...[407, 411, 413, 414, 416, 417, 419, 420, 421, 425, 426, 431, 444, 451, 460, 463, 494, 495, 496, 497, 499],
    ...[101, 300, 302, 304, 307, 502, 503, 504, 511, 520, 521, 522, 523, 524, 525, 526, 527, 530, 599],
  ])('nobody’s but the edge’s, with %i, whatever stands in it', (status) => {
    for (const body of [NO, PAGE, '', '{"message": "Forbidden"}'])
      expect(hear({ status, body, contentType: JSON_TYPE, hasRequestId: true })).toEqual(foreign(status));
  });

  it.each([400, 401, 403, 404, 406, 409, 422, 500, 501])('not the provider’s, where a page comes with %i', (status) => {
    expect(hear({ status, body: PAGE, contentType: 'text/html' })).toEqual(foreign(status));
    expect(hear({ status, body: PAGE, contentType: JSON_TYPE, hasRequestId: true })).toEqual(foreign(status));
    expect(hear({ status, body: 'Access denied', contentType: 'text/plain' })).toEqual(foreign(status));
    expect(hear({ status, body: '' })).toEqual(foreign(status));
    expect(hear({ status, body: ' \n', contentType: JSON_TYPE })).toEqual(foreign(status));
    expect(hear({ status, body: '', hasRequestId: true })).toEqual(foreign(status));
  });

  it.each([400, 403, 404, 406, 422])('not known, where other JSON comes with %i', (status) => {
    for (const body of ['{"message": "Forbidden"}', '{}', '[]', 'null', '"no"', '17'])
      expect(hear({ status, body, contentType: JSON_TYPE, hasRequestId: true })).toEqual(unknownReply(status));
  });

  it('not known, where the "no" says that it is no JSON, or a gateway’s', () => {
    for (const contentType of ['text/html', 'application/problem+json', 'application/jsonp'])
      expect(hear({ body: NO, contentType })).toEqual(unknownReply(403));
    expect(hear({ body: NO, contentType: 'application/vnd.api+json' })).toMatchObject({ kind: 'no' });
  });

  it('not known, where nothing is said with the provider’s own marks', () => {
    for (const status of [400, 403, 422])
      expect(hear({ status, contentType: JSON_TYPE, hasRequestId: true })).toEqual(unknownReply(status));
  });

  it('of 404: not found by the provider’s "no", or by nothing with its marks', () => {
    const notFound = { kind: 'not_found', words: 'HTTP 404' };
    expect(hear({ status: 404, body: '{"no": 1}' })).toEqual(notFound);
    expect(hear({ status: 404, contentType: JSON_TYPE, hasRequestId: true })).toEqual(notFound);
    expect(hear({ status: 404, contentType: JSON_TYPE })).toEqual(foreign(404));
    expect(hear({ status: 404, hasRequestId: true })).toEqual(foreign(404));
  });

  it('of 401: rejected by the provider’s "no", or by nothing with its marks; an outage by anything else', () => {
    expect(hear({ status: 401, body: NO })).toEqual({ kind: 'credential_rejected' });
    expect(hear({ status: 401, contentType: JSON_TYPE, hasRequestId: true })).toEqual({ kind: 'credential_rejected' });
    expect(hear({ status: 401, body: '{"message": "Unauthorized"}', contentType: JSON_TYPE })).toEqual(foreign(401));
    expect(hear({ status: 401, body: '{"no"', contentType: JSON_TYPE })).toEqual(foreign(401));
  });

  it('of 429 and 408: what they mean, whoever wrote them', () => {
    for (const body of ['', PAGE, NO]) {
      expect(hear({ status: 429, body, retryAfterMs: 5 })).toEqual({ kind: 'rate_limited', retryAfterMs: 5 });
      expect(hear({ status: 408, body })).toEqual({ kind: 'lost', problem: 'timed_out' });
    }
  });

  it('of 500: an error of the provider’s, where it is JSON', () => {
    expect(hear({ status: 500, body: '{"status": 500}' })).toEqual({ kind: 'lost', problem: 'provider_error' });
  });

  it('an answer, where JSON or nothing comes with a 2xx', () => {
    expect(hear({ status: 200, body: '{"a": 1}', contentType: 'text/html' })).toMatchObject({
      kind: 'answer',
      json: { a: 1 },
    });
    expect(hear({ status: 204 })).toMatchObject({ kind: 'answer', json: undefined });
  });

  it('not the provider’s, where a page or a word comes with a 2xx', () => {
    for (const body of [PAGE, 'OK']) expect(hear({ status: 200, body })).toEqual(foreign(200));
    expect(hear({ status: 202, body: PAGE })).toEqual(foreign(202));
  });

  it('unreadable, where JSON was cut off', () => {
    const cut = { kind: 'lost', problem: 'unreadable_reply' };
    const starts = [
      '{"no": "lo',
      ' \n[1',
      '\uFEFF{',
      '{"a": NaN}',
      "{'no': 1}",
      '{}{}',
      '[',
      '[{',
      '[ { "a',
      '[["a"',
      '[-1.5, 2e',
    ];
    for (const body of [...starts, `${NO}${NO}`, `${NO} <!-- served by 7 -->`])
      for (const status of [200, 403, 404, 422]) expect(hear({ status, body })).toEqual(cut);
  });

  it.each([
    '[nginx] upstream timed out',
    '[error] 17#17: *1 upstream timed out',
    '[2026-03-01 12:00:01] no live upstreams',
    '[1] 502 Bad Gateway',
    '[[WARN]] too many connections',
    '{error} try again later',
    '{{ message }}',
    '[{id}] not available',
    `[${' '.repeat(1_000_000)}x`,
    `{${' '.repeat(1_000_000)}x`,
  ])('not the provider’s, where plain text begins with a bracket: %.40s', (body) => {
    for (const status of [200, 403, 404, 422, 500]) expect(hear({ status, body })).toEqual(foreign(status));
  });

  it('nobody’s, where there is no reply', () => {
    const lost = { kind: 'lost', problem: 'connection_cut' } as const;
    expect(heardFrom(lost, () => true)).toBe(lost);
  });
});

describe('an answer that shows nothing', () => {
  const answer = (body: string) => {
    const heard = hear({ status: 201, body });
    if (heard.kind !== 'answer') throw new Error('It is no answer.');
    return heard;
  };

  it('is an outage where it is empty, and otherwise of an unknown shape to an ask, and unreadable to a read', () => {
    expect(unknown(answer(''))).toEqual(foreign(201));
    expect(unreadable(answer(''))).toEqual(foreign(201));
    expect(unknown(answer('{}'))).toEqual(unknownReply(201));
    expect(unreadable(answer('{}'))).toEqual({ kind: 'lost', problem: 'unreadable_reply' });
  });
});
