/**
 * Verifies people's tokens (JWT), and signs them if the secret is ours. Times are checked against the
 * machine's time, even if the service's clock is set to another.
 */
import { machineNow } from '../../runtime/clock.ts';
import {
  createRemoteJWKSet,
  decodeJwt,
  errors,
  type JWTPayload,
  jwtVerify,
  type JWTVerifyGetKey,
  SignJWT,
} from 'jose';
import type { Config } from '../../runtime/config/config.ts';
import { isIdentifier } from '../../values/identifier.ts';
import { openSecret } from '../../runtime/config/generated-secret.ts';
import { unavailable } from '../errors/problem.ts';
import { TtlCache } from './ttl-cache.ts';

export type Claims = {
  tenantId: string;
  userId: string;
  role: 'member' | 'admin';
  /** Null if the token does not say when it was issued. */
  issuedAt: Temporal.Instant | null;
  /** The API key that the token was made with. Null for a token of the command line or of another issuer. */
  keyId: string | null;
};

/** `keyId` is left out by a caller that acts without an API key. */
export type TokenDraft = Pick<Claims, 'tenantId' | 'userId' | 'role'> & {
  keyId?: string;
  ttlSeconds: number;
};

type Verifier = (token: string) => Promise<JWTPayload>;

const uuidShape = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** In any mode no token is accepted for longer than this after it was issued. */
export const longestAgeSeconds = 30 * 24 * 3600;
/** The clocks of two machines differ. A token from further in the future would escape the end of its person's tokens. */
const skewSeconds = 60;

/** Checking a signature takes as long as the rest of many calls. A token that ends within this time is checked each time. */
const remembered = { maxAgeMs: 5_000, maxSize: 10_000 };

export class Tokens {
  readonly #verifier: Verifier;
  /** Null if tokens are signed elsewhere. */
  readonly #secret: Uint8Array | null;
  readonly #recent = new TtlCache<Claims>(remembered);

  private constructor(verifier: Verifier, secret: Uint8Array | null) {
    this.#verifier = verifier;
    this.#secret = secret;
  }

  /** `generatedSecretFile` is read, or created, if the settings have neither a secret nor a JWKS. */
  static async open(config: Config['jwt'], generatedSecretFile: string): Promise<Tokens> {
    if (config.kind === 'jwks') return new Tokens(jwksVerifier(config), null);
    const secret = new TextEncoder().encode(await readTokenSecret(config, generatedSecretFile));
    return new Tokens(secretVerifier(secret), secret);
  }

  /** Returns the claims, or null if the token is invalid in any way. Throws if the JWKS cannot be fetched. */
  async verify(token: string): Promise<Claims | null> {
    const known = this.#recent.get(token);
    if (known) return known;
    try {
      const claims = claimsOf(await this.#verifier(token));
      if (claims && validForMs(token) > remembered.maxAgeMs) this.#recent.set(token, claims);
      return claims;
    } catch (error) {
      if (error instanceof errors.JOSEError || isWeakKey(error)) return null;
      throw error;
    }
  }

  /** Null if tokens come from a JWKS, because only its owner can sign. */
  async sign(draft: TokenDraft): Promise<{ token: string; expiresAt: Temporal.Instant } | null> {
    if (!this.#secret) return null;
    // With milliseconds, so that a token is known to be younger than what ended others in the same second.
    const nowMs = machineNow().epochMilliseconds;
    const expiryMs = nowMs + draft.ttlSeconds * 1000;
    const { tenantId, role, keyId } = draft;
    const token = await new SignJWT({
      tenant: tenantId,
      role,
      ...(keyId === undefined ? {} : { key: keyId }),
    })
      .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
      .setSubject(draft.userId)
      .setIssuedAt(nowMs / 1000)
      .setExpirationTime(expiryMs / 1000)
      .sign(this.#secret);
    return { token, expiresAt: Temporal.Instant.fromEpochMilliseconds(expiryMs) };
  }
}

/** The secret that tokens are signed with here. */
export const readTokenSecret = async (
  config: Exclude<Config['jwt'], { kind: 'jwks' }>,
  generatedSecretFile: string,
): Promise<string> => (config.kind === 'secret' ? config.secret : openSecret(generatedSecretFile));

function claimsOf(payload: JWTPayload): Claims | null {
  const { sub, tenant, role, key, iat } = payload;
  if (!isIdentifier(sub) || !isUuid(tenant) || !isYoung(payload)) return null;
  if (role !== 'member' && role !== 'admin') return null;
  if (key !== undefined && !isUuid(key)) return null;
  const issuedAt = iat === undefined ? null : Temporal.Instant.fromEpochMilliseconds(Math.floor(iat * 1000));
  return { tenantId: tenant, userId: sub, role, issuedAt, keyId: key ?? null };
}

const isUuid = (value: unknown): value is string => typeof value === 'string' && uuidShape.test(value);

/** A token without `iat` may be as old as its `exp` allows, so that is bounded instead. */
function isYoung({ iat, exp = 0 }: JWTPayload): boolean {
  const nowSeconds = machineNow().epochMilliseconds / 1000;
  if (iat === undefined) return exp - nowSeconds <= longestAgeSeconds;
  return iat - nowSeconds <= skewSeconds && nowSeconds - iat <= longestAgeSeconds;
}

/** A key of the set that is too short to be trusted makes its tokens invalid. */
const isWeakKey = (error: unknown): boolean =>
  error instanceof TypeError && error.message.includes('modulusLength');

/** The remaining lifetime of a verified token, in milliseconds. */
export function validForMs(token: string): number {
  const { exp = 0 } = decodeJwt(token);
  return Math.max(0, exp * 1000 - machineNow().epochMilliseconds);
}

const requiredClaims = ['exp', 'sub', 'tenant', 'role'];

function secretVerifier(secret: Uint8Array): Verifier {
  const options = { algorithms: ['HS256'], requiredClaims };
  return async (token) => (await jwtVerify(token, secret, options)).payload;
}

function jwksVerifier({ url, issuer, audience }: Extract<Config['jwt'], { kind: 'jwks' }>): Verifier {
  const options = { algorithms: ['RS256', 'ES256'], requiredClaims, issuer, audience };
  const keyFor = remoteKeys(url);
  return async (token) => (await jwtVerify(token, keyFor, options)).payload;
}

/**
 * A key that is missing in the set makes the token invalid. A set that cannot be fetched or read does not.
 */
function remoteKeys(url: string): JWTVerifyGetKey {
  const keys = createRemoteJWKSet(new URL(url));
  return async (header, token) => {
    try {
      return await keys(header, token);
    } catch (error) {
      if (isTokensFault(error)) throw error;
      throw unavailable('The keys that tokens are checked with cannot be fetched.');
    }
  };
}

const isTokensFault = (error: unknown): boolean =>
  error instanceof errors.JWKSNoMatchingKey ||
  error instanceof errors.JWKSMultipleMatchingKeys ||
  error instanceof errors.JOSENotSupported;
