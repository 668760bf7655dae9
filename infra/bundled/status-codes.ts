/**
 * Replaces `node:http` in middy, which imports it for its status texts: the static import adds some 27 ms to every cold start
 * (nodejs/node#59686). This stand-in loads the module at the first use of a text.
 */
export const STATUS_CODES: Record<string, string | undefined> = new Proxy(
  {},
  {
    get: (_target, code) =>
      typeof code === 'string' ? process.getBuiltinModule('node:http').STATUS_CODES[code] : undefined,
  },
);
