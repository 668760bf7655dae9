const MEND =
  'This end point speaks JSON only, and this request is in the query protocol, as older clients write to SQS. ' +
  "Use AWS's command line from 2.13.34 on (of version 1: from 1.29.82 on), or an SDK of November 2023 or later.";

/**
 * Whether a request without an action in its headers is in AWS's query protocol, as SQS's older clients write it: an action among the
 * fields of a form. `path`: with its query.
 */
export function isQuery(path: string, body: string): boolean {
  return [body, path.slice(path.indexOf('?') + 1)].some((form) => new URLSearchParams(form).has('Action'));
}

/** The error that such a client can read. */
export function queryRefusal() {
  const body =
    '<?xml version="1.0"?><ErrorResponse xmlns="http://queue.amazonaws.com/doc/2012-11-05/"><Error><Type>Sender</Type>' +
    `<Code>UnsupportedProtocol</Code><Message>${MEND}</Message><Detail/></Error><RequestId>local</RequestId></ErrorResponse>`;
  return { status: 400, headers: { 'content-type': 'text/xml' }, body };
}
