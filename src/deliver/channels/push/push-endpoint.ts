/**
 * The addresses that a web push may be sent to. A browser names its own endpoint, so without this check anybody could
 * make the service call any address (SSRF).
 */

/** The push services of Chrome and its relatives, Firefox, Safari and Edge. */
const services: readonly RegExp[] = [
  /^fcm\.googleapis\.com$/,
  /^updates\.push\.services\.mozilla\.com$/,
  /^[a-z0-9.-]+\.push\.apple\.com$/,
  /^[a-z0-9.-]+\.notify\.windows\.com$/,
];

const maxLength = 2000;

/**
 * Allows known push services by https at the usual port, and `extraHosts` (`host` or `host:port`, in lower case) by
 * http too. Never allows an address with a user name or password.
 */
export function isPushEndpoint(address: string, extraHosts: readonly string[]): boolean {
  const url = address.length <= maxLength ? URL.parse(address) : null;
  if (!url || url.username !== '' || url.password !== '') return false;
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return false;
  // `host` does not contain the protocol's default port.
  if (extraHosts.includes(url.host)) return true;
  return url.protocol === 'https:' && services.some((service) => service.test(url.host));
}
