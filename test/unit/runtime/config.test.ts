import { describe, expect, test } from 'vitest';
import { findMisspelt, readConfig, SettingError, settings } from '../../../src/runtime/config/config.ts';

const tryToRead = (env: Record<string, string>): string => {
  try {
    readConfig(env);
  } catch (error) {
    if (error instanceof SettingError) return error.message;
    throw error;
  }
  return 'accepted';
};

/** Returns the example in a setting's schema, which error messages show. */
function exampleOf(schema: object): string {
  const examples: unknown = Reflect.get(schema, 'examples');
  return Array.isArray(examples) ? String(examples[0]) : '';
}

const production = { NODE_ENV: 'production' };
const mail = { SMTP_URL: 'smtp://mail.example.com', MAIL_FROM: 'alerts@example.com' };
const sms = { SMS_URL: 'https://sms.example.com/messages', SMS_FROM: '+15005550006', SMS_TOKEN: 'secret' };
/** The examples of the two keys form a key pair. */
const vapid = {
  VAPID_PUBLIC_KEY: exampleOf(settings.properties.VAPID_PUBLIC_KEY),
  VAPID_PRIVATE_KEY: exampleOf(settings.properties.VAPID_PRIVATE_KEY),
  VAPID_SUBJECT: 'https://spendwatch.example.com/contact',
};
const fallback = { SMS_FALLBACK_URL: sms.SMS_URL, SMS_FALLBACK_FROM: '+1', SMS_FALLBACK_TOKEN: 't' };
const external = { ...mail, ...sms, ...fallback, ...vapid };
const secret = 'an-unguessable-text-of-the-tests';

describe('a wrong setting', () => {
  test.each([
    ['NODE_ENV', { NODE_ENV: 'prod' }, 'A right one: NODE_ENV=production'],
    ['NODE_ENV', { NODE_ENV: 'Production' }, 'A right one: NODE_ENV=production'],
    ['PORT', { PORT: 'http' }, 'A right one: PORT=3000'],
    ['PORT', { PORT: '65536' }, 'A right one: PORT=3000'],
    ['PORT', { PORT: '-1' }, 'A right one: PORT=3000'],
    ['PORT', { PORT: '80.5' }, 'A right one: PORT=3000'],
    ['PORT', { PORT: 'true' }, 'A right one: PORT=3000'],
    ['DATABASE_URL', { DATABASE_URL: 'mysql://db/x' }, 'A right one: DATABASE_URL=postgres://'],
    ['DATABASE_URL', { DATABASE_URL: 'db:5432' }, 'A right one: DATABASE_URL=postgres://'],
    ['DATABASE_URL', { DATABASE_URL: 'postgres://a b' }, 'A right one: DATABASE_URL=postgres://'],
    [
      'MIGRATION_DATABASE_URL',
      { MIGRATION_DATABASE_URL: 'owner' },
      'A right one: MIGRATION_DATABASE_URL=postgres://',
    ],
    ['REDIS_URL', { REDIS_URL: 'http://redis:6379' }, 'A right one: REDIS_URL=redis://'],
    ['REDIS_URL', { REDIS_URL: 'redis:6379' }, 'A right one: REDIS_URL=redis://'],
    ['JWT_SECRET', { JWT_SECRET: 'x'.repeat(31) }, 'Make one: openssl rand -base64 48'],
    ['JWT_SECRET', production, 'Make one: openssl rand -base64 48'],
    ['JWKS_URL', { JWKS_URL: 'login.example.com' }, 'A right one: JWKS_URL=https://'],
    ['JWT_ISSUER', { JWKS_URL: 'https://login.example.com/jwks.json' }, 'A right one: JWT_ISSUER=https://'],
    [
      'JWT_AUDIENCE',
      { JWKS_URL: 'https://login.example.com/jwks.json', JWT_ISSUER: 'x' },
      'A right one: JWT_AUDIENCE=',
    ],
    ['OPERATOR_PASSWORD', { OPERATOR_USER: 'operator' }, 'Make one: openssl rand -base64 24'],
    ['OPERATOR_USER', { OPERATOR_PASSWORD: 'a-long-password' }, 'A right one: OPERATOR_USER=operator'],
    [
      'CALLBACK_SECRET',
      { CALLBACK_SECRET: 'MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw' },
      'Make one: echo whsec_$(openssl rand -base64 32)',
    ],
    [
      'CALLBACK_SECRET',
      { CALLBACK_SECRET: `whsec_${'A'.repeat(28)}` },
      'Make one: echo whsec_$(openssl rand -base64 32)',
    ],
    [
      'CALLBACK_SECRET',
      { CALLBACK_SECRET: `whsec_${'A'.repeat(87)}=` },
      'Make one: echo whsec_$(openssl rand -base64 32)',
    ],
    ['LOG_LEVEL', { LOG_LEVEL: 'loud' }, 'A right one: LOG_LEVEL=info'],
    ['PUBLIC_URL', { PUBLIC_URL: 'spendwatch.example.com' }, 'A right one: PUBLIC_URL=https://'],
    ['PUBLIC_URL', { PUBLIC_URL: 'https://:80' }, 'A right one: PUBLIC_URL=https://'],
    ['SMTP_URL', { ...mail, SMTP_URL: 'mail.example.com:25' }, 'A right one: SMTP_URL=smtp://'],
    ['MAIL_FROM', { SMTP_URL: mail.SMTP_URL }, 'A right one: MAIL_FROM=Spendwatch <'],
    ['MAIL_FROM', { ...mail, MAIL_FROM: 'Spendwatch' }, 'A right one: MAIL_FROM=Spendwatch <'],
    [
      'MAIL_FROM',
      { ...mail, MAIL_FROM: 'a@example.com\r\nBcc: b@example.com' },
      'A right one: MAIL_FROM=Spendwatch <',
    ],
    ['SMTP_URL', { MAIL_FROM: mail.MAIL_FROM }, 'A right one: SMTP_URL=smtp://'],
    ['SMTP_URL', { SMTP_FALLBACK_URL: mail.SMTP_URL }, 'A right one: SMTP_URL=smtp://'],
    ['SMS_FROM', { SMS_URL: sms.SMS_URL }, 'A right one: SMS_FROM='],
    ['SMS_TOKEN', { ...sms, SMS_TOKEN: '' }, 'The provider gives it'],
    ['SMS_URL', { SMS_TOKEN: 't' }, 'A right one: SMS_URL=https://'],
    ['SMS_URL', { SMS_IDEMPOTENCY_HEADER: 'Key' }, 'A right one: SMS_URL=https://'],
    [
      'SMS_IDEMPOTENCY_HEADER',
      { ...sms, SMS_IDEMPOTENCY_HEADER: 'a b' },
      'A right one: SMS_IDEMPOTENCY_HEADER=Idem',
    ],
    [
      'SMS_FALLBACK_TOKEN',
      { ...sms, SMS_FALLBACK_URL: sms.SMS_URL, SMS_FALLBACK_FROM: '+1' },
      'The provider gives it',
    ],
    [
      'VAPID_PRIVATE_KEY',
      { VAPID_PUBLIC_KEY: vapid.VAPID_PUBLIC_KEY },
      'Make a pair: npx web-push generate-vapid-keys',
    ],
    [
      'VAPID_PRIVATE_KEY',
      { ...vapid, VAPID_PRIVATE_KEY: 'A'.repeat(43) },
      'Make a pair: npx web-push generate-vapid-keys',
    ],
    [
      'VAPID_PRIVATE_KEY',
      { ...vapid, VAPID_PRIVATE_KEY: `${'A'.repeat(42)}E` },
      'Make a pair: npx web-push generate-vapid-keys',
    ],
    [
      'VAPID_PUBLIC_KEY',
      { ...vapid, VAPID_PUBLIC_KEY: 'short' },
      'Make a pair: npx web-push generate-vapid-keys',
    ],
    [
      'VAPID_SUBJECT',
      { ...vapid, VAPID_SUBJECT: 'operator@example.com' },
      'A right one: VAPID_SUBJECT=mailto:',
    ],
    ['PUSH_HOSTS', { PUSH_HOSTS: 'https://push.example.com' }, 'A right one: PUSH_HOSTS=push.example.com'],
    ['CLOCK_START', { CLOCK_START: 'yesterday' }, 'A right one: CLOCK_START=2026-'],
    ['CLOCK_START', { CLOCK_START: '2026-11-01' }, 'A right one: CLOCK_START=2026-'],
    ['CLOCK_START', { CLOCK_START: '2026-02-30T08:00:00Z' }, 'A right one: CLOCK_START=2026-'],
    [
      'CLOCK_START',
      { ...production, JWT_SECRET: secret, CLOCK_START: '2026-11-01T08:00:00Z' },
      'A right one: CLOCK_START=2026-',
    ],
  ])('%s in %j is refused by its name, and the message says what is right', (name, env, example) => {
    const message = tryToRead(env);
    expect(message).toContain(`setting ${name}:`);
    expect(message).toContain(example);
  });

  test.each([
    [{ NODE_ENV: 'prod' }, 'must be production, development or test'],
    [{ PORT: '65536' }, 'must be a number from 0 to 65535'],
    [{ LOG_LEVEL: 'loud' }, 'must be trace, debug, info, warn, error, fatal or silent'],
    [{ CLOCK_START: 'yesterday' }, 'must be an RFC 3339 instant'],
    [{ DATABASE_URL: 'mysql://db/x' }, 'must be a URL, without spaces, that begins with postgres://'],
    [{ USER_RATE_LIMIT: '-1' }, 'must be a whole number above 0'],
    [{ INGEST_RATE_LIMIT: 'many' }, 'must be a whole number above 0'],
  ])('in %j is explained as "%s"', (env, explanation) => {
    expect(tryToRead(env)).toContain(`: ${explanation}. A right one: `);
  });

  test('is explained without a regular expression', () => {
    for (const name of Object.keys(settings.properties)) {
      const env = { JWT_SECRET: secret, ...external, [name]: '\u0000' };
      expect(tryToRead(env)).not.toMatch(/pattern|must match/);
    }
  });

  test('comes with an example that is accepted, if the others are not examples in production', () => {
    const jwks = { JWKS_URL: 'https://a.example/k', JWT_ISSUER: 'a', JWT_AUDIENCE: 'b' };
    const others = { ...jwks, OPERATOR_USER: 'o', OPERATOR_PASSWORD: 'a-long-password', ...external };
    for (const [name, schema] of Object.entries(settings.properties)) {
      expect(exampleOf(schema)).not.toBe('');
      const env = { JWT_SECRET: secret, ...(name === 'NODE_ENV' ? jwks : others), [name]: exampleOf(schema) };
      expect(tryToRead(env)).toBe('accepted');
    }
  });
});

describe('the settings', () => {
  test('may all be left out, and an empty one counts as left out', () => {
    const none = readConfig({});
    expect(none).toMatchObject({
      isProduction: false,
      host: '127.0.0.1',
      port: 3000,
      databaseUrl: null,
      migrationDatabaseUrl: null,
      redisUrl: null,
      dataDir: '.data',
      jwt: { kind: 'generated' },
      operator: null,
      publicUrl: null,
      mail: null,
      sms: null,
      push: null,
      pushHosts: [],
      logLevel: 'info',
      workers: null,
      clockStart: null,
    });
    const empty = Object.fromEntries(Object.keys(settings.properties).map((name) => [name, '']));
    expect(readConfig(empty)).toEqual(none);
  });

  test('are converted to the types that the code uses', () => {
    const config = readConfig({
      ...production,
      PORT: '0',
      DATABASE_URL: 'postgres://db/spendwatch',
      JWT_SECRET: secret,
      REDIS_URL: 'rediss://:secret@redis:6380/1',
      WORKERS: 'evaluate-alerts, notify',
      OPERATOR_USER: 'o',
      OPERATOR_PASSWORD: 'operators-only',
    });
    expect(config).toMatchObject({
      isProduction: true,
      port: 0,
      databaseUrl: 'postgres://db/spendwatch',
      migrationDatabaseUrl: 'postgres://db/spendwatch',
      jwt: { kind: 'secret', secret },
      redisUrl: 'rediss://:secret@redis:6380/1',
      workers: ['evaluate-alerts', 'notify'],
      operator: { user: 'o', password: 'operators-only' },
    });
  });

  test('of a channel are grouped under that channel', () => {
    const { publicUrl, pushHosts, ...channels } = readConfig({
      ...external,
      SMTP_FALLBACK_URL: 'smtps://user:secret@backup.example.com',
      SMS_IDEMPOTENCY_HEADER: 'Idempotency-Key',
      PUBLIC_URL: 'https://spendwatch.example.com/',
      PUSH_HOSTS: 'Push.example.com, localhost:8080',
    });
    expect(publicUrl).toBe('https://spendwatch.example.com');
    expect(pushHosts).toEqual(['push.example.com', 'localhost:8080']);
    expect(channels).toMatchObject({
      mail: {
        urls: ['smtp://mail.example.com', 'smtps://user:secret@backup.example.com'],
        from: 'alerts@example.com',
      },
      sms: {
        providers: [
          { url: sms.SMS_URL, from: '+15005550006', token: 'secret' },
          { url: sms.SMS_URL, from: '+1', token: 't' },
        ],
        idempotencyHeader: 'Idempotency-Key',
      },
      push: { publicKey: vapid.VAPID_PUBLIC_KEY, privateKey: vapid.VAPID_PRIVATE_KEY },
    });
  });

  test('may name another database user for migrations', () => {
    const urls = { DATABASE_URL: 'postgres://app@db/x', MIGRATION_DATABASE_URL: 'postgresql://owner@db/x' };
    expect(readConfig(urls).migrationDatabaseUrl).toBe('postgresql://owner@db/x');
  });

  test('prefer a JWKS to a secret', () => {
    const jwks = { JWKS_URL: 'https://a.example/k', JWT_ISSUER: 'a', JWT_AUDIENCE: 'b' };
    expect(readConfig({ ...jwks, ...production, JWT_SECRET: secret }).jwt).toEqual({
      kind: 'jwks',
      url: 'https://a.example/k',
      issuer: 'a',
      audience: 'b',
    });
  });

  test('accept the start of the clock at any UTC offset', () => {
    const { clockStart } = readConfig({ CLOCK_START: '2026-11-01T08:00:00+01:00' });
    expect(clockStart?.toString()).toBe('2026-11-01T07:00:00Z');
  });

  test.each(['production', 'development', 'test'])('accept NODE_ENV=%s', (name) => {
    const { isProduction } = readConfig({ NODE_ENV: name, JWT_SECRET: secret });
    expect(isProduction).toBe(name === 'production');
  });

  test.each([
    ['PROT', 'PORT'],
    ['POR', 'PORT'],
    ['PORTS', 'PORT'],
    ['LOGLEVEL', 'LOG_LEVEL'],
    ['DATABSE_URL', 'DATABASE_URL'],
    ['CLOCK_STARS', 'CLOCK_START'],
  ])('report %s as a misspelling of %s', (name, meant) => {
    expect(findMisspelt({ [name]: 'x' })).toEqual([{ name, meant }]);
    expect(findMisspelt({ [name]: 'x', [meant]: 'x' })).toEqual([]);
  });

  test('do not report a known setting or a distant name as misspelt', () => {
    const known = Object.fromEntries(Object.keys(settings.properties).map((name) => [name, 'x']));
    expect(findMisspelt({ ...known, HOME: '/', PATH: '/bin', REDIS: 'x', TROP: 'x' })).toEqual([]);
    expect(findMisspelt({ HOME: '/', PATH: '/bin', REDIS: 'x', TROP: 'x' })).toEqual([]);
  });

  test('ignore variables of other programs', () => {
    expect(readConfig({ PATH: '/bin', HOME: '/' })).toEqual(readConfig({}));
  });
});
