/** Checks the secret or the key set that verifies people's tokens. */
import { type Config, exampleOf } from '../../runtime/config/config.ts';
import { weaknessOf } from '../../runtime/config/secrets.ts';
import { type Check, check, fail, ok, shownUrl, type Verdict } from './check.ts';

export const tokensCheck = ({ jwt }: Config): Promise<Check> =>
  check(
    'tokens',
    'let JWKS_URL name a key set that this machine may fetch, without name and password',
    () => {
      if (jwt.kind === 'jwks') return jwksVerdict(jwt.url);
      return jwt.kind === 'secret' ? secretVerdict(jwt.secret) : ok('a secret made under DATA_DIR');
    },
  );

function secretVerdict(secret: string): Verdict {
  const weakness = weaknessOf('JWT_SECRET', secret, exampleOf('JWT_SECRET'));
  return weakness
    ? fail(`JWT_SECRET ${weakness}`, 'make one: openssl rand -base64 48')
    : ok('JWT_SECRET is set');
}

async function jwksVerdict(url: string): Promise<Verdict> {
  const response = await fetch(url, { headers: { accept: 'application/json' } });
  const seen = `${shownUrl(url)} answers ${response.status}`;
  const fix = 'let JWKS_URL name the JSON Web Key Set of your login service';
  if (!response.ok) return fail(seen, fix);
  const body: unknown = await response.json().catch(() => null);
  const keys = typeof body === 'object' && body !== null && 'keys' in body ? body.keys : null;
  if (!Array.isArray(keys)) return fail(`${seen}, but not with a key set`, fix);
  return keys.length > 0 ? ok(`${keys.length} keys at ${shownUrl(url)}`) : fail(`${seen} without a key`, fix);
}
