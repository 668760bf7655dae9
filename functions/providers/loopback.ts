/**
 * Whether a host name is this machine (RFC 1122, 3.2.1.3; RFC 4291, 2.5.3). `hostname` as a `URL` has it: an IPv4 address is four numbers
 * there, however it was written. `*.localhost` is not: not every resolver keeps it here.
 */
export function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.[\d.]+$/.test(hostname);
}
