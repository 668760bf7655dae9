const MEND =
  'This endpoint speaks only JSON, but the request is in the query protocol, which older clients use for SQS. ' +
  "Use AWS's command line from 2.13.34 on (of version 1: from 1.29.82 on), or an SDK of November 2023 or later.";

/**
 * Whether a request without an action in its headers is in AWS's query protocol, which SQS's older clients use: the action is a field of
 * a form. `path` includes the query.
 */
export function isQuery(path: string, body: string): boolean {
  return [body, path.slice(path.indexOf('?') + 1)].some((form) => new URLSearchParams(form).has('Action'));
}

/** Returns an error that such a client can read. */
export function queryRefusal() {
  const body =
    '<?xml version="1.0"?><ErrorResponse xmlns="http://queue.amazonaws.com/doc/2012-11-05/"><Error><Type>Sender</Type>' +
    `<Code>UnsupportedProtocol</Code><Message>${MEND}</Message><Detail/></Error><RequestId>local</RequestId></ErrorResponse>`;
  return { status: 400, headers: { 'content-type': 'text/xml' }, body };
}
