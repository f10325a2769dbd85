/**
 * Counts refused sign-ins, hinders guessing, and leaves a trace of it. A person's token and an API key cannot be guessed,
 * so wrong ones are only slowed down, and a right one is always accepted. A password can be guessed: after some wrong ones
 * no password from that address is looked at for a while. Each process counts for itself, so that a sign-in needs no other
 * server.
 */
import type { FastifyRequest } from 'fastify';
import { Counter, type Limit } from '../counter.ts';
import { recordHappened } from '../audit.ts';
import type { HttpDependencies } from '../dependencies.ts';
import { type Problem, tooManyRequests } from '../errors/problem.ts';
import { unauthorized } from './bearer.ts';
import { TtlCache } from './ttl-cache.ts';

type Kind = 'key' | 'token' | 'password';

const limits = {
  /** Wrong keys and tokens from one address. */
  credentials: { name: 'wrong-credentials', points: 300, seconds: 60 },
  /** Wrong passwords from one address. */
  passwords: { name: 'wrong-passwords', points: 10, seconds: 300 },
  /** Wrong passwords for one operator from addresses that have not signed in before. */
  operator: { name: 'wrong-operator', points: 100, seconds: 3600 },
} satisfies Record<string, Limit>;

/** An operator who has signed in from an address is not kept out by what others do. */
const knownAddresses = { maxAgeMs: 30 * 86_400_000, maxSize: 1_000 };

type Dependencies = Pick<HttpDependencies, 'db' | 'log'>;

export class RefusedSignIns {
  readonly #deps: Dependencies;
  readonly #credentials = new Counter(limits.credentials, null);
  readonly #passwords = new Counter(limits.passwords, null);
  readonly #operator = new Counter(limits.operator, null);
  readonly #known = new TtlCache<true>(knownAddresses);

  constructor(deps: Dependencies) {
    this.#deps = deps;
  }

  /** The answer to a wrong key or token: 401, or 429 once an address has sent too many. */
  async answer({ ip }: FastifyRequest, credential: string | null, kind: 'key' | 'token'): Promise<Problem> {
    if (credential === null) return unauthorized(credential, kind);
    const { count, waitMs } = await this.#credentials.take(ip, 1);
    await this.#record(kind, ip, count);
    return waitMs === null ? unauthorized(credential, kind) : slowDown(waitMs);
  }

  /** Throws 429 before a password is looked at if too many were wrong. */
  async assertMayTry({ ip }: FastifyRequest, operator: string): Promise<void> {
    const own = await this.#passwords.waitMs(ip);
    const ofOperator = this.#known.get(ip) ? null : await this.#operator.waitMs(operator);
    const waitMs = own ?? ofOperator;
    if (waitMs !== null) throw slowDown(waitMs);
  }

  async noteWrongPassword({ ip }: FastifyRequest, operator: string): Promise<void> {
    const { count } = await this.#passwords.take(ip, 1);
    if (!this.#known.get(ip)) await this.#operator.take(operator, 1);
    await this.#record('password', ip, count);
  }

  noteRightPassword({ ip }: FastifyRequest): void {
    this.#known.set(ip, true);
  }

  /** A flood leaves few rows: at the first, tenth, hundredth … in a window. A key or token expires honestly once in a while. */
  async #record(kind: Kind, address: string, count: number): Promise<void> {
    const first = kind === 'password' ? 1 : 10;
    if (count < first || !/^10*$/.test(String(count))) return;
    await recordHappened(this.#deps, {
      action: 'sign-in.refused',
      actor: 'nobody',
      address,
      details: { kind, count },
    });
  }
}

const slowDown = (waitMs: number): Problem =>
  tooManyRequests('Too many wrong credentials came from this address.', waitMs / 1000);
