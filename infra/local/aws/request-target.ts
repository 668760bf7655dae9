/** Where a request goes, in origin form (`/path?query`, undecoded), and the host that its target names; null where it names none. */
export interface RequestTarget {
  readonly path: string;
  readonly host: string | null;
}

/** A client that believes to speak to a proxy sends the whole address, and that host counts (RFC 9112, 3.2.2). */
export function requestTarget(target: string): RequestTarget {
  const [, host, rest = ''] = /^https?:\/\/([^/?#]*)([^#]*)/i.exec(target) ?? [];
  if (host === undefined) return { path: target, host: null };
  return { path: rest.startsWith('/') ? rest : `/${rest}`, host };
}
