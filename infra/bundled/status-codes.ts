/**
 * Stands in for `node:http` where middy imports it for its status texts: the static import costs every cold start
 * some 27 ms (nodejs/node#59686). This one loads the module when a text is asked for.
 */
export const STATUS_CODES: Record<string, string | undefined> = new Proxy(
  {},
  {
    get: (_target, code) =>
      typeof code === 'string' ? process.getBuiltinModule('node:http').STATUS_CODES[code] : undefined,
  },
);
