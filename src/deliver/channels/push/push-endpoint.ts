/**
 * Which addresses a web push may be sent to. A browser names its own endpoint, so without this rule anybody
 * could have the service call addresses of their choice.
 */

/** Those of the browsers: Chrome and its kin, Firefox, Safari, Edge. */
const services: readonly RegExp[] = [
  /^fcm\.googleapis\.com$/,
  /^updates\.push\.services\.mozilla\.com$/,
  /^[a-z0-9.-]+\.push\.apple\.com$/,
  /^[a-z0-9.-]+\.notify\.windows\.com$/,
];

const maxLength = 2000;

/**
 * Of a known push service, by https and at its usual port, or of `extraHosts` (`host` or `host:port`, in
 * lower case), by http too. Never one that carries a name and password.
 */
export function isPushEndpoint(address: string, extraHosts: readonly string[]): boolean {
  const url = address.length <= maxLength ? URL.parse(address) : null;
  if (!url || url.username !== '' || url.password !== '') return false;
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return false;
  // A port that is the protocol's own is no part of the host.
  if (extraHosts.includes(url.host)) return true;
  return url.protocol === 'https:' && services.some((service) => service.test(url.host));
}
