/** A route as the gateway matches it. */
export interface Route {
  readonly routeKey: string;
  readonly functionName: string;
  readonly authorizerName: string | null;
}

export interface RouteMatch<R extends Route> {
  readonly route: R;
  /** Decoded. */
  readonly pathParameters: Readonly<Record<string, string>>;
}

/**
 * Picks the route of a request as an HTTP API does: the matching route with the fewest parameters, or `$default` if none matches. Paths
 * are compared segment by segment before decoding, so `%2F` does not split a segment.
 */
export function matchRoute<R extends Route>(
  routes: readonly R[],
  method: string,
  rawPath: string,
): RouteMatch<R> | null {
  const segments = rawPath.split('/');
  const matches = routes.flatMap((route) => {
    const [routeMethod, path] = route.routeKey.split(' ');
    if (path === undefined || (routeMethod !== method && routeMethod !== 'ANY')) return [];
    const pathParameters = matchPath(path.split('/'), segments);
    return pathParameters === null ? [] : [{ route, pathParameters }];
  });
  const parameters = (match: RouteMatch<R>) => Object.keys(match.pathParameters).length;
  const [best] = matches.sort((a, b) => parameters(a) - parameters(b));
  if (best !== undefined) return best;
  const fallback = routes.find(({ routeKey }) => routeKey === '$default');
  return fallback === undefined ? null : { route: fallback, pathParameters: {} };
}

function matchPath(template: readonly string[], segments: readonly string[]): Record<string, string> | null {
  if (template.length !== segments.length) return null;
  const parameters: Record<string, string> = {};
  for (const [index, expected] of template.entries()) {
    const segment = segments[index] ?? '';
    const [, name] = /^\{(\w+)\}$/.exec(expected) ?? [];
    if (name === undefined ? segment !== expected : segment === '') return null;
    if (name !== undefined) parameters[name] = decode(segment);
  }
  return parameters;
}

/** Decodes a segment. One with an invalid encoding is passed on unchanged, and the function refuses it with its own message. */
export function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
