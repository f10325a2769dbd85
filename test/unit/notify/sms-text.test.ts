import { SegmentedMessage } from 'sms-segments-calculator';
import { describe, expect, test } from 'vitest';
import { renderMessage } from '../../../src/notify/messages/render.ts';
import type { NotificationContent } from '../../../src/notify/decide/content.ts';
import { type Links, noLinks } from '../../../src/notify/messages/links.ts';
import {
  critical,
  groceries,
  named,
  past,
  reader,
  recovery,
  rollUp,
  tippedBy,
} from '../../support/worlds/alert-facts.ts';
import type { AlertFacts } from '../../../src/alerts/decide/alert-facts.ts';

const page = `https://spend.example/n/${'t'.repeat(44)}`;
const url = 'https://spend.example/unsubscribe/t?a=1&b="2"';
const unsubscribe = { url, subject: 'rule' } as const;
type Given = { locale?: string; links?: Links; sender?: string };

describe('an SMS', () => {
  const sms = (
    content: NotificationContent,
    { locale = 'en', links = noLinks, sender = 'Acme' }: Given = {},
  ) => renderMessage(content, 'sms', { ...reader, locale }, { sender, links }).text;
  const segmentsOf = (text: string) => new SegmentedMessage(text).segmentsCount;

  test.each<[string, NotificationContent, string]>([
    [
      'of an alert has the sender, the amounts and how to stop',
      groceries,
      'Acme: Groceries: $412.30 of $400.00 spent, $12.30 over, with 10 days left this month. Reply STOP to end texts.',
    ],
    [
      'says what tipped it where there is room',
      { ...groceries, tippedBy },
      'Acme: Groceries: $412.30 of $400.00 spent, $12.30 over, with 10 days left this month. CORNER MARKET, $120.00, took it over 100%. Reply STOP to end texts.',
    ],
    [
      'of a critical alert is marked critical',
      critical,
      'Acme: Groceries: $612.30 of $400.00 spent, $212.30 over, with 10 days left this month. Critical. Reply STOP to end texts.',
    ],
    [
      'of an alert in a past period names the period',
      past,
      'Acme: Groceries, October 2026: $412.30 of $400.00 spent, $12.30 over. Reply STOP to end texts.',
    ],
    [
      'of a recovery names the level',
      recovery,
      'Acme: Groceries is back below 95%: $370.00 of $400.00 spent, $30.00 left, about $3 a day for 10 days. Reply STOP to end texts.',
    ],
    [
      'of a roll-up names its budgets',
      rollUp,
      'Acme: 4 budgets need a look: Food at 103%, Fun at 103%, Rent at 103%, Pets at 103%. Reply STOP to end texts.',
    ],
  ])('%s', (_, content, text) => {
    expect(sms(content)).toBe(text);
    expect(segmentsOf(text)).toBe(1);
  });

  test('is short where the link to its page needs the room', () => {
    const text = sms({ ...groceries, tippedBy }, { links: { page, unsubscribe } });
    expect(text).toBe(`Acme: Groceries at 103%, $12.30 over. ${page} Reply STOP to end texts.`);
    expect(segmentsOf(text)).toBe(1);
  });

  test.each([
    ['a name in another script', '食'.repeat(40), page],
    ['a long address', 'n'.repeat(40), `https://${'spend.'.repeat(12)}example/n/${'t'.repeat(44)}`],
  ])('with %s leaves the link out rather than take two parts', (_, name, at) => {
    const text = sms(named(name), { links: { page: at, unsubscribe } });
    expect(text).not.toContain('https');
    expect(text).toMatch(/Reply STOP to end texts\.$/);
    expect(segmentsOf(text)).toBe(1);
  });

  test.each(['en', 'de-AT', 'fr', 'de-CH', 'sv', 'hi-IN', 'ar', 'ja-JP', 'tr'])(
    'of a large amount in the locale %s is one GSM-7 segment',
    (locale) => {
      for (const currency of ['USD', 'EUR', 'JPY', 'KWD', 'TRY', 'INR', 'KRW', 'SEK']) {
        const text = sms({ ...groceries, currency, spentMinor: '123456789012' }, { locale });
        expect(new SegmentedMessage(text)).toMatchObject({ encodingName: 'GSM-7', segmentsCount: 1 });
      }
    },
  );

  test('writes a currency by its code where its sign would make the text longer', () => {
    const lira: AlertFacts = { ...groceries, currency: 'TRY' };
    expect(sms(lira)).toContain('TRY 412.30 of TRY 400.00');
  });

  test('shortens a long name until the text fits', () => {
    const [fits, longer] = [
      sms(named('n'.repeat(40))),
      sms({ ...critical, ruleName: 'n'.repeat(100), spentMinor: '999999999999999' }),
    ];
    expect(fits).toContain(`Acme: ${'n'.repeat(40)}: $412.30 of $400.00 spent`);
    expect(longer).toHaveLength(160);
    expect(longer).toMatch(
      /^Acme: n+\.\.\. at more than 1,000 times the budget, \$[\d,.]+ over\. Critical\. Reply/,
    );
  });

  test('shortens a name further where the text needs UCS-2', () => {
    const text = sms(named('食'.repeat(100)));
    expect(text).toMatch(/^Acme: 食+\.\.\. at 103%, \$12\.30 over\. Reply STOP to end texts\.$/);
    expect(text).toHaveLength(70);
  });

  test('of many alerts names those that fit and counts the rest', () => {
    const many = Array.from({ length: 30 }, (_, n) => ({
      ...groceries,
      ruleId: `r${n}`,
      ruleName: `${n} is a rather long name`,
    }));
    const text = sms({ type: 'roll_up', alerts: many });
    expect(text).toMatch(
      /^Acme: 30 budgets need a look: 0 is a rather lon\.\.\. at 103%, .* and 27 more\. Reply/,
    );
    expect(segmentsOf(text)).toBe(1);
  });

  test('shortens a long sender', () => {
    expect(sms(groceries, { sender: 'The Very Long Named Savings Bank of Somewhere' })).toMatch(
      /^The Very Long Nam\.\.\.: Groceries: /,
    );
  });
});
