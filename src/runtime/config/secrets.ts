/** The settings that are secret: where each comes from, and which of them anybody might guess. */

/** Messages about a wrong secret say how to get a right one. An example would be used by somebody. */
export const sources: Readonly<Record<string, string>> = {
  JWT_SECRET: 'Make one: openssl rand -base64 48',
  OPERATOR_PASSWORD: 'Make one: openssl rand -base64 24',
  CALLBACK_SECRET: 'Make one: echo whsec_$(openssl rand -base64 32)',
  VAPID_PUBLIC_KEY: 'Make a pair: npx web-push generate-vapid-keys',
  VAPID_PRIVATE_KEY: 'Make a pair: npx web-push generate-vapid-keys',
  SMS_TOKEN: 'The provider gives it',
  SMS_FALLBACK_TOKEN: 'The provider gives it',
};

/** The least length and number of different characters of what people choose by themselves. */
const least: Readonly<Record<string, { length: number; different: number }>> = {
  JWT_SECRET: { length: 32, different: 12 },
  OPERATOR_PASSWORD: { length: 12, different: 6 },
};

/** Says why a secret is no secret, or null. `example`: the one that is published. */
export function weaknessOf(name: string, value: string, example: unknown): string | null {
  if (value === example) return 'is the published example, which everybody knows';
  const { length, different } = least[name] ?? { length: 0, different: 0 };
  if (value.length < length) return `has fewer than ${length} characters`;
  return new Set(value).size < different ? `has fewer than ${different} different characters` : null;
}

/** A name or address that leads to this machine alone. */
export const isLoopback = (hostname: string): boolean =>
  /^(?:localhost|127(?:\.\d{1,3}){3}|\[?::1\]?)$/i.test(hostname);
