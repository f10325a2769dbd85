/**
 * The settings: environment variables that are read once and checked by one schema. `.env.example` and the README's
 * table list the same names, which a test checks.
 */
import { type Static, Type } from 'typebox';
import { Value } from 'typebox/value';
import { type ChannelConfig, channelConfigOf, channelSettings } from './channel-settings.ts';
import { type LimitConfig, limitConfigOf, limitSettings } from './limit-settings.ts';
import { isLoopback, sources, weaknessOf } from './secrets.ts';
import { matching, SettingError, text, url } from './setting.ts';

export { SettingError };

/** A number from 0 to 65535. */
const portPattern = '^(?:[0-9]{1,4}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5])$';

const callbackSecretMustBe = '`whsec_` and the base64 of 24 to 64 bytes';

/** `mustBe` describes the format in messages about a wrong value, if the schema's own message is hard to read. */
export const settings = Type.Object({
  NODE_ENV: Type.Optional(
    Type.String({
      pattern: '^(?:production|development|test)$',
      description: '`production` refuses settings that are only for trials',
      examples: ['production'],
      mustBe: 'production, development or test',
    }),
  ),
  HOST: Type.String({
    minLength: 1,
    default: '127.0.0.1',
    description: 'address to listen on',
    examples: ['0.0.0.0'],
  }),
  PORT: Type.String({
    pattern: portPattern,
    default: '3000',
    description: 'port to listen on',
    examples: ['3000'],
    mustBe: 'a number from 0 to 65535',
  }),
  DATABASE_URL: url(
    'postgres|postgresql',
    'PostgreSQL; without it an embedded one runs under DATA_DIR',
    'postgres://spendwatch:secret@db:5432/spendwatch',
  ),
  MIGRATION_DATABASE_URL: url(
    'postgres|postgresql',
    'PostgreSQL as the role that owns the tables; without it DATABASE_URL',
    'postgres://owner:secret@db:5432/spendwatch',
  ),
  REDIS_URL: url(
    'rediss?',
    'Redis or Valkey for the queues; without it they are on PostgreSQL',
    'redis://:secret@redis:6379',
  ),
  DATA_DIR: Type.String({
    minLength: 1,
    default: '.data',
    description: 'folder for the embedded database and generated secrets',
    examples: ['.data'],
  }),
  JWT_SECRET: Type.Optional(
    Type.String({
      minLength: 32,
      description:
        'secret that signs and checks people’s tokens (HS256); without it and JWKS_URL one is generated under DATA_DIR',
      examples: ['a-long-random-text-of-32-or-more-characters'],
      mustBe: 'at least 32 characters long',
    }),
  ),
  JWKS_URL: url(
    'https?',
    'keys that check people’s tokens (RS256, ES256), instead of JWT_SECRET',
    'https://login.example.com/jwks.json',
  ),
  JWT_ISSUER: text('the `iss` that tokens must have; needed with JWKS_URL', 'https://login.example.com/'),
  JWT_AUDIENCE: text('the `aud` that tokens must have; needed with JWKS_URL', 'spendwatch'),
  OPERATOR_USER: text('user name for /admin; needs OPERATOR_PASSWORD', 'operator'),
  OPERATOR_PASSWORD: Type.Optional(
    Type.String({
      minLength: 8,
      description: 'password for /admin; needs OPERATOR_USER',
      examples: ['a-long-password'],
      mustBe: 'at least 8 characters long',
    }),
  ),
  API_REFERENCE: Type.String({
    pattern: '^(?:on|off)$',
    default: 'on',
    description: 'whether anybody may read the API reference, at /docs and /openapi.json',
    examples: ['off'],
    mustBe: 'on or off',
  }),
  ...channelSettings,
  CALLBACK_SECRET: matching(
    '^whsec_(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$',
    callbackSecretMustBe,
    'secret that signs provider callbacks posted as JSON; without it those are refused',
    'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
  ),
  LOG_LEVEL: Type.String({
    pattern: '^(?:trace|debug|info|warn|error|fatal|silent)$',
    default: 'info',
    description: 'lowest level that is logged',
    examples: ['info'],
    mustBe: 'trace, debug, info, warn, error, fatal or silent',
  }),
  ...limitSettings,
  RETENTION_DAYS: Type.String({
    pattern: '^[1-9][0-9]{2,4}$',
    default: '730',
    description:
      'days after the end of its period for which a notification, a decision and a sum are kept; expenses stay',
    examples: ['730'],
    mustBe: 'a whole number from 100 to 99999',
  }),
  WORKERS: text(
    'workers that this process runs, separated by commas; without it all',
    'evaluate-alerts,notify',
  ),
  CLOCK_START: Type.Optional(
    Type.String({
      format: 'date-time',
      description: 'the time at which the service’s clock starts; for demonstrations, refused in production',
      examples: ['2026-11-01T08:00:00Z'],
      mustBe: 'an RFC 3339 instant',
    }),
  ),
});

type Settings = Static<typeof settings>;

type JwtConfig =
  | { kind: 'secret'; secret: string }
  | { kind: 'jwks'; url: string; issuer: string; audience: string }
  /** No setting was given: a secret is generated and kept under the data folder. */
  | { kind: 'generated' };

export type Config = ChannelConfig &
  LimitConfig & {
    isProduction: boolean;
    host: string;
    port: number;
    databaseUrl: string | null;
    migrationDatabaseUrl: string | null;
    redisUrl: string | null;
    dataDir: string;
    jwt: JwtConfig;
    operator: { user: string; password: string } | null;
    hasApiReference: boolean;
    /** Signs provider callbacks posted as JSON; null: those are refused. */
    callbackSecret: Uint8Array | null;
    logLevel: string;
    /** Days for which what belongs to a budget period is kept after its end. */
    retentionDays: number;
    /** Null: all workers run. */
    workers: readonly string[] | null;
    clockStart: Temporal.Instant | null;
  };

/** Reads the settings from `env`; throws a `SettingError` for the first that is wrong. */
export function readConfig(env: Record<string, string | undefined>): Config {
  const given = Object.fromEntries(
    Object.keys(settings.properties)
      .filter((name) => env[name] !== undefined && env[name] !== '')
      .map((name) => [name, env[name]]),
  );
  const values = Value.Default(settings, given);
  const [error] = Value.Errors(settings, values);
  if (error) throw wrongValue(error.instancePath.slice(1), error.message);
  return toConfig(values as Settings);
}

function wrongValue(name: string, message: string): SettingError {
  const mustBe: unknown = Reflect.get(Reflect.get(settings.properties, name), 'mustBe');
  return refusal(name, typeof mustBe === 'string' ? `must be ${mustBe}` : message);
}

/** Names in `env` that are no setting, but one typing error away from a setting that is not set. */
export function findMisspelt(env: Record<string, string | undefined>): { name: string; meant: string }[] {
  const unset = Object.keys(settings.properties).filter((setting) => env[setting] === undefined);
  return Object.keys(env)
    .filter((name) => !(name in settings.properties))
    .flatMap((name) =>
      unset.filter((meant) => isOneSlipApart(name, meant)).map((meant) => ({ name, meant })),
    );
}

/** One character is added, missing or different, or two neighbours are swapped. */
function isOneSlipApart(a: string, b: string): boolean {
  const same = Array.from(a).findIndex((character, index) => character !== b[index]);
  const [x, y] = same < 0 ? ['', b.slice(a.length)] : [a.slice(same), b.slice(same)];
  const swapped = `${x[1] ?? ''}${x[0] ?? ''}${x.slice(2)}`;
  return x.slice(1) === y.slice(1) || x === y.slice(1) || x.slice(1) === y || swapped === y;
}

function toConfig(values: Settings): Config {
  const isProduction = values.NODE_ENV === 'production';
  if (isProduction && values.CLOCK_START)
    throw refusal('CLOCK_START', 'is refused when NODE_ENV is production: leave it out');
  if (isProduction) refuseWeakness(values);
  return {
    isProduction,
    host: values.HOST,
    port: Number(values.PORT),
    databaseUrl: values.DATABASE_URL ?? null,
    migrationDatabaseUrl: values.MIGRATION_DATABASE_URL ?? values.DATABASE_URL ?? null,
    redisUrl: values.REDIS_URL ?? null,
    dataDir: values.DATA_DIR,
    jwt: jwtOf(values, isProduction),
    operator: operatorOf(values),
    hasApiReference: values.API_REFERENCE === 'on',
    ...channelConfigOf(values, refusal),
    callbackSecret: callbackSecretOf(values),
    logLevel: values.LOG_LEVEL,
    ...limitConfigOf(values, refusal),
    retentionDays: Number(values.RETENTION_DAYS),
    workers: values.WORKERS?.split(',').map((name) => name.trim()) ?? null,
    clockStart: values.CLOCK_START ? Temporal.Instant.from(values.CLOCK_START) : null,
  };
}

/** What everybody knows or may guess is good enough for a trial only. */
function refuseWeakness(values: Settings): void {
  for (const name of Object.keys(sources)) {
    const value: unknown = Reflect.get(values, name);
    const weakness = typeof value === 'string' ? weaknessOf(name, value, exampleOf(name)) : null;
    if (weakness) throw refusal(name, `${weakness}, and is refused when NODE_ENV is production`);
  }
  const { JWKS_URL } = values;
  if (JWKS_URL?.startsWith('http:') && !isLoopback(new URL(JWKS_URL).hostname))
    throw refusal('JWKS_URL', 'must begin with https:// when NODE_ENV is production');
}

function jwtOf(values: Settings, isProduction: boolean): JwtConfig {
  const { JWKS_URL, JWT_ISSUER, JWT_AUDIENCE, JWT_SECRET } = values;
  if (JWKS_URL) {
    if (!JWT_ISSUER) throw refusal('JWT_ISSUER', 'is needed with JWKS_URL');
    if (!JWT_AUDIENCE) throw refusal('JWT_AUDIENCE', 'is needed with JWKS_URL');
    return { kind: 'jwks', url: JWKS_URL, issuer: JWT_ISSUER, audience: JWT_AUDIENCE };
  }
  if (JWT_SECRET) return { kind: 'secret', secret: JWT_SECRET };
  if (isProduction) throw refusal('JWT_SECRET', 'is needed in production, or JWKS_URL');
  return { kind: 'generated' };
}

/** Standard Webhooks asks for a secret of 24 to 64 bytes; `docs/guides/webhooks.md` links the standard. */
function callbackSecretOf({ CALLBACK_SECRET: secret }: Settings): Uint8Array | null {
  if (secret === undefined) return null;
  const bytes = Buffer.from(secret.slice('whsec_'.length), 'base64');
  if (bytes.length < 24 || bytes.length > 64)
    throw refusal('CALLBACK_SECRET', `must be ${callbackSecretMustBe}`);
  return bytes;
}

function operatorOf({ OPERATOR_USER, OPERATOR_PASSWORD }: Settings): Config['operator'] {
  if (OPERATOR_USER && OPERATOR_PASSWORD) return { user: OPERATOR_USER, password: OPERATOR_PASSWORD };
  if (OPERATOR_USER) throw refusal('OPERATOR_PASSWORD', 'is needed with OPERATOR_USER');
  if (OPERATOR_PASSWORD) throw refusal('OPERATOR_USER', 'is needed with OPERATOR_PASSWORD');
  return null;
}

function refusal(name: string, message: string): SettingError {
  return new SettingError(
    `setting ${name}: ${message}. ${sources[name] ?? `A right one: ${name}=${exampleOf(name)}`}`,
  );
}

export function exampleOf(name: string): string {
  const property: { examples?: unknown } | undefined = Reflect.get(settings.properties, name);
  return Array.isArray(property?.examples) ? String(property.examples[0]) : '';
}
