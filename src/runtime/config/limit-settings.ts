/** The settings that bound how much is accepted and sent, and whose requests are whose. */
import { isIP } from 'node:net';
import { type Static, Type } from 'typebox';
import { matching, type Refuse } from './setting.ts';

/** A positive whole number. */
const ratePattern = '^[1-9][0-9]{0,8}$';

export const limitSettings = {
  INGEST_RATE_LIMIT: Type.Optional(
    Type.String({
      pattern: ratePattern,
      description: 'events per second that one API key or webhook may post; without it there is no limit',
      examples: ['500'],
      mustBe: 'a whole number above 0',
    }),
  ),
  TENANT_INGEST_LIMIT: matching(
    ratePattern,
    'a whole number above 0',
    'events per second that all API keys and webhooks of one tenant may post together; without it there is no limit',
    '2000',
  ),
  USER_RATE_LIMIT: Type.String({
    pattern: ratePattern,
    default: '600',
    description: 'requests per minute that one person may make',
    examples: ['600'],
    mustBe: 'a whole number above 0',
  }),
  SMS_MONTHLY_LIMIT: matching(
    ratePattern,
    'a whole number above 0',
    'SMS that a tenant may send in a calendar month; without it there is no limit',
    '1000',
  ),
  MAIL_MONTHLY_LIMIT: matching(
    ratePattern,
    'a whole number above 0',
    'mails that a tenant may send in a calendar month; without it there is no limit',
    '100000',
  ),
  GROUP_WAIT_SECONDS: Type.String({
    pattern: '^(?:[0-9]{1,2}|[12][0-9]{2}|300)$',
    default: '30',
    description:
      'seconds that an alert which is not critical waits for others of its person, so that they are one mail, SMS or push; with 0 only those of one evaluation are',
    examples: ['30'],
    mustBe: 'a whole number from 0 to 300',
  }),
  TRUSTED_PROXIES: matching(
    '^[0-9a-fA-F:.]+(?:/[0-9]{1,3})?(?:, *[0-9a-fA-F:.]+(?:/[0-9]{1,3})?)*$',
    'addresses or ranges, separated by commas',
    'proxies whose X-Forwarded-For says where a request came from, separated by commas; without it the connection does',
    '127.0.0.1,10.0.0.0/8',
  ),
};

const schema = Type.Object(limitSettings);
type Values = Static<typeof schema>;

export type LimitConfig = {
  /** Events per second for each API key and webhook; null: no limit. */
  ingestRateLimit: number | null;
  /** Events per second for each tenant; null: no limit. */
  tenantIngestLimit: number | null;
  /** Requests per minute for each person. */
  userRateLimit: number;
  /** Messages of a tenant in a calendar month; null: no limit. */
  monthlyLimits: { email: number | null; sms: number | null };
  /** Seconds for which an alert waits for others; 0: not at all. */
  groupWaitSeconds: number;
  /** Addresses and ranges. Empty: no proxy is believed. */
  trustedProxies: readonly string[];
};

/** Throws the error of `refuse` for a value that does not fit. */
export const limitConfigOf = (values: Values, refuse: Refuse): LimitConfig => ({
  ingestRateLimit: numberOrNull(values.INGEST_RATE_LIMIT),
  tenantIngestLimit: numberOrNull(values.TENANT_INGEST_LIMIT),
  userRateLimit: Number(values.USER_RATE_LIMIT),
  monthlyLimits: {
    email: numberOrNull(values.MAIL_MONTHLY_LIMIT),
    sms: numberOrNull(values.SMS_MONTHLY_LIMIT),
  },
  groupWaitSeconds: Number(values.GROUP_WAIT_SECONDS),
  trustedProxies: trustedProxiesOf(values, refuse),
});

const numberOrNull = (text: string | undefined): number | null => (text === undefined ? null : Number(text));

function trustedProxiesOf({ TRUSTED_PROXIES: list }: Values, refuse: Refuse): string[] {
  const proxies = list?.split(',').map((each) => each.trim()) ?? [];
  const wrong = proxies.find((each) => !isAddressRange(each));
  if (wrong !== undefined) throw refuse('TRUSTED_PROXIES', `${wrong} is no address or range`);
  return proxies;
}

function isAddressRange(text: string): boolean {
  const [address = '', bits] = text.split('/');
  const longest = { 0: -1, 4: 32, 6: 128 }[isIP(address)] ?? -1;
  return Number(bits ?? 0) <= longest;
}
