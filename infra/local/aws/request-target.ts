/** The target of a request in origin form (`/path?query`, undecoded), and the host that it names; null if it names none. */
export interface RequestTarget {
  readonly path: string;
  readonly host: string | null;
}

/** Reads a request's target. A client that believes it speaks to a proxy sends the whole address, and that host counts (RFC 9112, 3.2.2). */
export function requestTarget(target: string): RequestTarget {
  const [, host, rest = ''] = /^https?:\/\/([^/?#]*)([^#]*)/i.exec(target) ?? [];
  if (host === undefined) return { path: target, host: null };
  return { path: rest.startsWith('/') ? rest : `/${rest}`, host };
}
