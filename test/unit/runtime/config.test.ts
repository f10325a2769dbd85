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
const secret = 's'.repeat(32);

describe('a wrong setting', () => {
  test.each([
    ['NODE_ENV', { NODE_ENV: 'prod' }, 'NODE_ENV=production'],
    ['NODE_ENV', { NODE_ENV: 'Production' }, 'NODE_ENV=production'],
    ['PORT', { PORT: 'http' }, 'PORT=3000'],
    ['PORT', { PORT: '65536' }, 'PORT=3000'],
    ['PORT', { PORT: '-1' }, 'PORT=3000'],
    ['PORT', { PORT: '80.5' }, 'PORT=3000'],
    ['PORT', { PORT: 'true' }, 'PORT=3000'],
    ['DATABASE_URL', { DATABASE_URL: 'mysql://db/x' }, 'DATABASE_URL=postgres://'],
    ['DATABASE_URL', { DATABASE_URL: 'db:5432' }, 'DATABASE_URL=postgres://'],
    ['DATABASE_URL', { DATABASE_URL: 'postgres://a b' }, 'DATABASE_URL=postgres://'],
    ['MIGRATION_DATABASE_URL', { MIGRATION_DATABASE_URL: 'owner' }, 'MIGRATION_DATABASE_URL=postgres://'],
    ['REDIS_URL', { REDIS_URL: 'http://redis:6379' }, 'REDIS_URL=redis://'],
    ['REDIS_URL', { REDIS_URL: 'redis:6379' }, 'REDIS_URL=redis://'],
    ['JWT_SECRET', { JWT_SECRET: 'x'.repeat(31) }, 'JWT_SECRET='],
    ['JWT_SECRET', production, 'JWT_SECRET='],
    ['JWKS_URL', { JWKS_URL: 'login.example.com' }, 'JWKS_URL=https://'],
    ['JWT_ISSUER', { JWKS_URL: 'https://login.example.com/jwks.json' }, 'JWT_ISSUER=https://'],
    ['JWT_AUDIENCE', { JWKS_URL: 'https://login.example.com/jwks.json', JWT_ISSUER: 'x' }, 'JWT_AUDIENCE='],
    ['OPERATOR_PASSWORD', { OPERATOR_USER: 'operator' }, 'OPERATOR_PASSWORD='],
    ['OPERATOR_PASSWORD', { OPERATOR_USER: 'o', OPERATOR_PASSWORD: 'short' }, 'OPERATOR_PASSWORD='],
    ['OPERATOR_USER', { OPERATOR_PASSWORD: 'a-long-password' }, 'OPERATOR_USER=operator'],
    ['CALLBACK_SECRET', { CALLBACK_SECRET: 'MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw' }, 'CALLBACK_SECRET=whsec_'],
    ['CALLBACK_SECRET', { CALLBACK_SECRET: `whsec_${'A'.repeat(28)}` }, 'CALLBACK_SECRET=whsec_'],
    ['CALLBACK_SECRET', { CALLBACK_SECRET: `whsec_${'A'.repeat(87)}=` }, 'CALLBACK_SECRET=whsec_'],
    ['LOG_LEVEL', { LOG_LEVEL: 'loud' }, 'LOG_LEVEL=info'],
    ['PUBLIC_URL', { PUBLIC_URL: 'spendwatch.example.com' }, 'PUBLIC_URL=https://'],
    ['PUBLIC_URL', { PUBLIC_URL: 'https://:80' }, 'PUBLIC_URL=https://'],
    ['SMTP_URL', { ...mail, SMTP_URL: 'mail.example.com:25' }, 'SMTP_URL=smtp://'],
    ['MAIL_FROM', { SMTP_URL: mail.SMTP_URL }, 'MAIL_FROM=Spendwatch <'],
    ['MAIL_FROM', { ...mail, MAIL_FROM: 'Spendwatch' }, 'MAIL_FROM=Spendwatch <'],
    ['MAIL_FROM', { ...mail, MAIL_FROM: 'a@example.com\r\nBcc: b@example.com' }, 'MAIL_FROM=Spendwatch <'],
    ['SMTP_URL', { MAIL_FROM: mail.MAIL_FROM }, 'SMTP_URL=smtp://'],
    ['SMTP_URL', { SMTP_FALLBACK_URL: mail.SMTP_URL }, 'SMTP_URL=smtp://'],
    ['SMS_FROM', { SMS_URL: sms.SMS_URL }, 'SMS_FROM='],
    ['SMS_TOKEN', { ...sms, SMS_TOKEN: '' }, 'SMS_TOKEN='],
    ['SMS_URL', { SMS_TOKEN: 't' }, 'SMS_URL=https://'],
    ['SMS_URL', { SMS_IDEMPOTENCY_HEADER: 'Key' }, 'SMS_URL=https://'],
    ['SMS_IDEMPOTENCY_HEADER', { ...sms, SMS_IDEMPOTENCY_HEADER: 'a b' }, 'SMS_IDEMPOTENCY_HEADER=Idem'],
    [
      'SMS_FALLBACK_TOKEN',
      { ...sms, SMS_FALLBACK_URL: sms.SMS_URL, SMS_FALLBACK_FROM: '+1' },
      'SMS_FALLBACK_TOKEN=',
    ],
    ['VAPID_PRIVATE_KEY', { VAPID_PUBLIC_KEY: vapid.VAPID_PUBLIC_KEY }, 'VAPID_PRIVATE_KEY='],
    ['VAPID_PRIVATE_KEY', { ...vapid, VAPID_PRIVATE_KEY: 'A'.repeat(43) }, 'VAPID_PRIVATE_KEY='],
    ['VAPID_PRIVATE_KEY', { ...vapid, VAPID_PRIVATE_KEY: `${'A'.repeat(42)}E` }, 'VAPID_PRIVATE_KEY='],
    ['VAPID_PUBLIC_KEY', { ...vapid, VAPID_PUBLIC_KEY: 'short' }, 'VAPID_PUBLIC_KEY='],
    ['VAPID_SUBJECT', { ...vapid, VAPID_SUBJECT: 'operator@example.com' }, 'VAPID_SUBJECT=mailto:'],
    ['PUSH_HOSTS', { PUSH_HOSTS: 'https://push.example.com' }, 'PUSH_HOSTS=push.example.com'],
    ['CLOCK_START', { CLOCK_START: 'yesterday' }, 'CLOCK_START=2026-'],
    ['CLOCK_START', { CLOCK_START: '2026-11-01' }, 'CLOCK_START=2026-'],
    ['CLOCK_START', { CLOCK_START: '2026-02-30T08:00:00Z' }, 'CLOCK_START=2026-'],
    [
      'CLOCK_START',
      { ...production, JWT_SECRET: secret, CLOCK_START: '2026-11-01T08:00:00Z' },
      'CLOCK_START=2026-',
    ],
  ])('%s in %j is refused by its name, with an example', (name, env, example) => {
    const message = tryToRead(env);
    expect(message).toContain(`setting ${name}:`);
    expect(message).toContain(`A right one: ${example}`);
  });

  test.each([
    [{ NODE_ENV: 'prod' }, 'must be production, development or test'],
    [{ PORT: '65536' }, 'must be a number from 0 to 65535'],
    [{ LOG_LEVEL: 'loud' }, 'must be trace, debug, info, warn, error, fatal or silent'],
    [{ CLOCK_START: 'yesterday' }, 'must be an RFC 3339 instant'],
    [{ DATABASE_URL: 'mysql://db/x' }, 'must be a URL, without spaces, that begins with postgres://'],
    [{ JWT_SECRET: 'x' }, 'must be at least 32 characters long'],
    [{ OPERATOR_PASSWORD: 'short' }, 'must be at least 8 characters long'],
    [{ USER_RATE_LIMIT: '-1' }, 'must be a whole number above 0'],
    [{ INGEST_RATE_LIMIT: 'many' }, 'must be a whole number above 0'],
  ])('in %j is explained as "%s"', (env, explanation) => {
    expect(tryToRead(env)).toContain(`: ${explanation}. A right one: `);
  });

  test('is explained without a regular expression', () => {
    for (const name of Object.keys(settings.properties))
      expect(tryToRead({ JWT_SECRET: secret, ...external, [name]: '\u0000' })).not.toMatch(
        /pattern|must match/,
      );
  });

  test('comes with an example that is accepted', () => {
    const jwks = { JWKS_URL: 'https://a.example/k', JWT_ISSUER: 'a', JWT_AUDIENCE: 'b' };
    const operator = { OPERATOR_USER: 'operator', OPERATOR_PASSWORD: 'a-long-password' };
    for (const [name, schema] of Object.entries(settings.properties)) {
      const example = exampleOf(schema);
      expect(example).not.toBe('');
      const env = { JWT_SECRET: secret, ...jwks, ...operator, ...external, [name]: example };
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
      OPERATOR_PASSWORD: '12345678',
    });
    expect(config).toMatchObject({
      isProduction: true,
      port: 0,
      databaseUrl: 'postgres://db/spendwatch',
      migrationDatabaseUrl: 'postgres://db/spendwatch',
      jwt: { kind: 'secret', secret },
      redisUrl: 'rediss://:secret@redis:6380/1',
      workers: ['evaluate-alerts', 'notify'],
      operator: { user: 'o', password: '12345678' },
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
