/**
 * Whether a host name is this machine (RFC 1122, 3.2.1.3; RFC 4291, 2.5.3). `hostname` has the form of a `URL`, which always writes
 * an IPv4 address as four numbers. `*.localhost` does not count: some resolvers send it elsewhere.
 */
export function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.[\d.]+$/.test(hostname);
}
