import * as fc from 'fast-check';
import { SegmentedMessage } from 'sms-segments-calculator';
import { describe, expect, test } from 'vitest';
import { renderMessage } from '../../../src/notify/messages/render.ts';
import type { Links, NotificationContent } from '../../../src/notify/decide/content.ts';
import { groceries, reader } from '../../support/worlds/alert-facts.ts';
import type { AlertFacts } from '../../../src/alerts/decide/alert-facts.ts';
import { channels, type Channel } from '../../../src/values/channels.ts';

const nowhere: Links = { page: null, unsubscribe: null };
const unsubscribe = 'https://spend.example/unsubscribe/t?a=1&b="2"';
const render = (content: NotificationContent, channel: Channel, { locale = 'en', links = nowhere } = {}) =>
  renderMessage(content, channel, { ...reader, locale }, links);
const named = (ruleName: string): AlertFacts => ({ ...groceries, ruleName });

const critical: AlertFacts = { ...groceries, severity: 'critical', level: 150, spentMinor: '61230' };
const recovery: AlertFacts = { ...groceries, type: 'recovery', level: 95, spentMinor: '37000' };
const past: AlertFacts = { ...groceries, phase: 'past', period: { start: '2026-10-01', end: '2026-11-01' } };
const alerts = ['Food', 'Fun', 'Rent', 'Pets'].map((ruleName) => ({
  ...groceries,
  ruleId: ruleName,
  ruleName,
}));
const rollUp: NotificationContent = { type: 'roll_up', alerts };

describe('a push message', () => {
  test.each<[string, NotificationContent, string, string]>([
    [
      'of an alert has the percent and the amounts',
      groceries,
      'Groceries: 103 %',
      '412.30 of 400.00 USD, nine days to go.',
    ],
    [
      'of a critical alert is marked critical',
      critical,
      'Groceries: 153 %',
      '612.30 of 400.00 USD, nine days to go. Marked critical.',
    ],
    [
      'of an alert in a past period names the period',
      past,
      'Groceries, October 2026: 103 %',
      '412.30 of 400.00 USD.',
    ],
    [
      'of a recovery names the level',
      recovery,
      'Groceries is back below 95 %',
      '370.00 of 400.00 USD, nine days to go.',
    ],
    [
      'of a roll-up names three budgets and counts the rest',
      rollUp,
      '4 budgets need a look',
      'Food 103 %, Fun 103 %, Rent 103 % and 1 more.',
    ],
    [
      'of a roll-up with one alert reads like that alert',
      { type: 'roll_up', alerts: [groceries] },
      'Groceries: 103 %',
      '412.30 of 400.00 USD, nine days to go.',
    ],
  ])('%s', (_, content, title, text) => {
    expect(render(content, 'push')).toEqual({ title, text });
  });

  test('shortens a long name', () => {
    expect(render(named('n'.repeat(100)), 'push').title).toBe(`${'n'.repeat(39)}…: 103 %`);
    expect(render(named('n'.repeat(40)), 'push').title).toBe(`${'n'.repeat(40)}: 103 %`);
  });
});

describe('an SMS', () => {
  const sms = (content: NotificationContent, options = {}) => render(content, 'sms', options).text;

  test.each<[string, NotificationContent, string]>([
    ['of an alert has the amounts', groceries, 'Groceries: 412.30 of 400.00 USD, nine days to go.'],
    [
      'of a critical alert is marked critical',
      critical,
      'Groceries: 612.30 of 400.00 USD, nine days to go. Marked critical.',
    ],
    ['of an alert in a past period names the period', past, 'Groceries, October 2026: 412.30 of 400.00 USD.'],
    [
      'of a recovery names the level',
      recovery,
      'Groceries is back below 95 %: 370.00 of 400.00 USD, nine days to go.',
    ],
    [
      'of a roll-up names its budgets',
      rollUp,
      '4 budgets need a look: Food 103 %, Fun 103 %, Rent 103 %, Pets 103 %.',
    ],
  ])('%s', (_, content, text) => {
    expect(sms(content)).toBe(text);
    expect(new SegmentedMessage(text).segmentsCount).toBe(1);
  });

  test.each(['en', 'de-AT', 'fr', 'de-CH', 'sv', 'hi-IN', 'ar'])(
    'of a large amount in the locale %s is one GSM-7 segment',
    (locale) => {
      const text = sms({ ...groceries, spentMinor: '-123456789012' }, { locale });
      expect(new SegmentedMessage(text)).toMatchObject({ encodingName: 'GSM-7', segmentsCount: 1 });
    },
  );

  test('shortens a long name until the text fits', () => {
    const [exactly, longer] = [
      sms(named('n'.repeat(100))),
      sms({ ...critical, ruleName: 'n'.repeat(100), spentMinor: '999999999999999' }),
    ];
    expect(exactly).toBe(`${'n'.repeat(100)}: 412.30 of 400.00 USD, nine days to go.`);
    expect(longer).toHaveLength(160);
    expect(longer).toMatch(
      /^n+\.\.\.: 9,999,999,999,999\.99 of 400\.00 USD, nine days to go\. Marked critical\.$/,
    );
  });

  test('shortens a name further where the text needs UCS-2', () => {
    const text = sms(named('食'.repeat(100)));
    expect(text).toBe(`${'食'.repeat(27)}...: 412.30 of 400.00 USD, nine days to go.`);
    expect(new SegmentedMessage(text).segmentsCount).toBe(1);
  });

  test('of many alerts names those that fit and counts the rest', () => {
    const many = Array.from({ length: 30 }, (_, n) => ({
      ...groceries,
      ruleId: `r${n}`,
      ruleName: `${n} is a rather long name`,
    }));
    const text = sms({ type: 'roll_up', alerts: many });
    expect(text).toMatch(/^30 budgets need a look: 0 is a rather lon\.\.\. 103 %, .* and 26 more\.$/);
    expect(new SegmentedMessage(text).segmentsCount).toBe(1);
  });

  test('carries links only where they fit', () => {
    const page = 'https://spend.example/me';
    expect(sms(groceries, { links: { page, unsubscribe: null } })).toMatch(
      /to go\. https:\/\/spend\.example\/me$/,
    );
    expect(
      sms(groceries, { links: { page, unsubscribe: `https://spend.example/${'x'.repeat(90)}` } }),
    ).toMatch(/\/me$/);
    expect(sms(groceries, { links: { page: null, unsubscribe: 'https://s.example/x' } })).toMatch(
      /Stop: https:\/\/s\.example\/x$/,
    );
  });
});

describe('a mail', () => {
  const footer = '\n\n-- \nYou get this because you have an alert at 100 % of this budget.\n';

  test.each<[string, NotificationContent, string, string]>([
    [
      'of an alert has the amounts, the percent and the overrun',
      groceries,
      'Groceries: 103 % of the monthly budget',
      `Groceries: 412.30 of 400.00 USD, nine days to go.\n103 % of the monthly budget, 12.30 USD over.${footer}`,
    ],
    [
      'of a budget spent exactly says that nothing is left',
      { ...groceries, spentMinor: '40000' },
      'Groceries: 100 % of the monthly budget',
      `Groceries: 400.00 of 400.00 USD, nine days to go.\n100 % of the monthly budget, nothing left.${footer}`,
    ],
    [
      'of an alert in a past period names the late entry',
      past,
      'Groceries, October 2026: 103 % of the monthly budget',
      `Groceries, October 2026: 412.30 of 400.00 USD.\n103 % of the monthly budget, 12.30 USD over.\n\nA late entry changed the total of October 2026.${footer}`,
    ],
    [
      'of a critical alert is marked critical',
      critical,
      'Groceries: 153 % of the monthly budget',
      `Groceries: 612.30 of 400.00 USD, nine days to go.\n153 % of the monthly budget, 212.30 USD over.\nMarked critical.${footer.replace('100', '150')}`,
    ],
    [
      'of a recovery names the reason for the mail',
      { ...recovery, spentMinor: '-500' },
      'Groceries is back below 95 %',
      'Groceries is back below 95 %: -5.00 of 400.00 USD, nine days to go.\nMore came back than was spent, 405.00 USD left.\n\n-- \nYou get this because you asked to hear when this budget comes down again.\n',
    ],
    [
      'of a digest has a section for each alert',
      { type: 'daily_summary', day: '2026-11-20', alerts: alerts.slice(0, 2) },
      '2 budgets need a look since yesterday',
      '2 budgets need a look since yesterday.\n\nFood: 412.30 of 400.00 USD, nine days to go.\n103 % of the monthly budget, 12.30 USD over.\n\nFun: 412.30 of 400.00 USD, nine days to go.\n103 % of the monthly budget, 12.30 USD over.\n\nKept until now, so as not to disturb you.\n\n-- \nYou get this because your daily summary is on.\n',
    ],
  ])('%s, as text', (_, content, title, text) => {
    expect(render(content, 'email')).toMatchObject({ title, text });
  });

  test('has the figures, the bar and the links in its HTML', () => {
    const { html = '' } = render(groceries, 'email', {
      links: { page: 'https://spend.example/me', unsubscribe },
    });
    expect(html).toMatch(/^<!DOCTYPE html>\n<html lang="en" dir="ltr">/);
    expect(html).toContain('<bdi dir="auto">Groceries</bdi>');
    expect(html).toContain('>412.30</span> <span class="soft" style="color:#56616c">of 400.00 USD</span>');
    expect(html).toContain('103\u00a0% of the monthly budget, 12.30 USD over. Nine days to go.');
    expect(html).toMatch(/width:97%.*width:3%/);
    expect(html).toContain('<a href="https://spend.example/me">Your settings</a>');
    expect(html).toContain(
      '<a href="https://spend.example/unsubscribe/t?a=1&amp;b=&quot;2&quot;">Stop these mails</a>',
    );
  });

  test.each([
    ['-500', 'width:0%'],
    ['20000', 'width:50%'],
    ['40000', 'width:100%'],
    ['80000', 'width:50%'],
    ['99999999999', 'width:100%'],
  ])('with %s of 40000 spent has a bar of %s', (spentMinor, width) => {
    expect(render({ ...groceries, spentMinor }, 'email').html).toContain(width);
  });

  test('has no links if none are given', () => {
    const { html, text } = render(groceries, 'email');
    expect(html).not.toContain('<a ');
    expect(text).not.toMatch(/settings|Stop/);
  });

  test('numbers and dates follow the locale on every channel', () => {
    const content = { ...past, spentMinor: '123456789' };
    expect(render(content, 'email', { locale: 'de-AT' }).html).toContain('>1\u00a0234\u00a0567,89</span>');
    expect(render(content, 'push', { locale: 'de-AT' }).title).toContain('Oktober 2026: 308\u00a0641 %');
    expect(render(content, 'sms', { locale: 'fr' }).text).toBe(
      'Groceries, octobre 2026: 1 234 567,89 of 400,00 USD.',
    );
  });
});

test('a mail carries its unsubscribe URL and an in-app message none', () => {
  expect(render(groceries, 'email', { links: { page: null, unsubscribe } }).unsubscribeUrl).toBe(unsubscribe);
  expect(render(groceries, 'in-app')).not.toHaveProperty('unsubscribeUrl');
});

describe('a name with any characters', () => {
  const anyName = fc.oneof(
    fc.string({ unit: 'binary', minLength: 1, maxLength: 100 }),
    fc.string({
      unit: fc.constantFrom('<', '>', '"', "'", '&', '\r', '\n', '\u2028', '\u202e', 'ש', '€', '%', '='),
      minLength: 1,
      maxLength: 100,
    }),
  );
  const tags = (html: string) => html.match(/<[^>]*>/g);
  const contentsNamed = (name: string): NotificationContent[] => [
    named(name),
    { ...critical, ruleName: name },
    { ...recovery, ruleName: name },
    { type: 'roll_up', alerts: [named(name), { ...past, ruleName: name }] },
    { type: 'address_bounced', channel: 'email', address: name },
  ];
  const plain = contentsNamed('Plain').map((each) => tags(render(each, 'email').html ?? ''));

  test('adds no markup to a mail', () => {
    fc.assert(
      fc.property(anyName, (name) => {
        expect(contentsNamed(name).map((each) => tags(render(each, 'email').html ?? ''))).toEqual(plain);
      }),
    );
  });

  test('breaks no line and reverses no text', () => {
    fc.assert(
      fc.property(anyName, fc.constantFrom(...channels), (name, channel) => {
        for (const each of contentsNamed(name)) {
          const { title, text } = render(each, channel);
          for (const line of channel === 'email' ? [title] : [title, text]) {
            expect(line).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e]/u);
            expect(line.isWellFormed()).toBe(true);
          }
        }
      }),
    );
  });

  test('fits into one SMS segment, as counted by sms-segments-calculator', () => {
    fc.assert(
      fc.property(anyName, (name) => {
        expect(new SegmentedMessage(render(named(name), 'sms').text).segmentsCount).toBe(1);
      }),
    );
  });
});
