import * as fc from 'fast-check';
import { SegmentedMessage } from 'sms-segments-calculator';
import { describe, expect, test } from 'vitest';
import { renderMessage } from '../../../src/notify/messages/render.ts';
import type { NotificationContent } from '../../../src/notify/decide/content.ts';
import { type Links, noLinks } from '../../../src/notify/messages/links.ts';
import {
  alerts,
  critical,
  groceries,
  named,
  past,
  reader,
  recovery,
  rollUp,
  tippedBy,
} from '../../support/worlds/alert-facts.ts';
import { channels, type Channel } from '../../../src/values/channels.ts';

const page = `https://spend.example/n/${'t'.repeat(44)}`;
const url = 'https://spend.example/unsubscribe/t?a=1&b="2"';
const unsubscribe = { url, subject: 'rule' } as const;
type Given = { locale?: string; links?: Links; sender?: string };
const render = (
  content: NotificationContent,
  channel: Channel,
  { locale = 'en', links = noLinks, sender = 'Acme' }: Given = {},
) => renderMessage(content, channel, { ...reader, locale }, { sender, links });

describe('a push message', () => {
  test.each<[string, NotificationContent, string, string]>([
    [
      'of an alert has the percent, the amounts and what tipped it',
      { ...groceries, tippedBy },
      'Acme: Groceries at 103%',
      '$412.30 of $400.00 spent, $12.30 over, with 10 days left this month. CORNER MARKET, $120.00, took it over 100%.',
    ],
    [
      'of a critical alert is marked critical',
      critical,
      'Acme: Groceries at 153%',
      '$612.30 of $400.00 spent, $212.30 over, with 10 days left this month. Critical.',
    ],
    [
      'of an alert in a past period names the period',
      past,
      'Acme: Groceries (October 2026) at 103%',
      '$412.30 of $400.00 spent, $12.30 over.',
    ],
    [
      'of a recovery names the level',
      recovery,
      'Acme: Groceries is back below 95%',
      '$370.00 of $400.00 spent, $30.00 left, about $3 a day for 10 days.',
    ],
    [
      'of a roll-up names three budgets and counts the rest',
      rollUp,
      'Acme: 4 budgets need a look',
      'Food at 103%, Fun at 103%, Rent at 103% and 1 more.',
    ],
    [
      'of a roll-up with one alert reads like that alert',
      { type: 'roll_up', alerts: [groceries] },
      'Acme: Groceries at 103%',
      '$412.30 of $400.00 spent, $12.30 over, with 10 days left this month.',
    ],
    [
      'of twelve times the budget has no percentage',
      { ...groceries, spentMinor: '480000' },
      'Acme: Groceries at 12 times the budget',
      '$4,800.00 of $400.00 spent, $4,400.00 over, with 10 days left this month.',
    ],
  ])('%s', (_, content, title, text) => {
    expect(render(content, 'push')).toEqual({ title, text, sender: 'Acme' });
  });

  test('opens the page of its notification', () => {
    expect(render(groceries, 'push', { links: { page, unsubscribe } })).toMatchObject({ url: page });
  });

  test('shortens a long name', () => {
    expect(render(named('n'.repeat(100)), 'push').title).toBe(`Acme: ${'n'.repeat(39)}… at 103%`);
    expect(render(named('n'.repeat(40)), 'push').title).toBe(`Acme: ${'n'.repeat(40)} at 103%`);
  });
});

describe('a mail', () => {
  const footer = '\n\n-- \nYou get this because you have an alert at 100% of this budget.\n';

  test.each<[string, NotificationContent, string, string]>([
    [
      'of an alert has the amounts, what tipped it and the percent',
      { ...groceries, tippedBy },
      'Groceries: 103% of the monthly budget',
      `Groceries: $412.30 of $400.00 spent, $12.30 over, with 10 days left this month.\nCORNER MARKET, $120.00, took it over 100%.\n103% of the monthly budget.${footer}`,
    ],
    [
      'of a budget spent exactly says that nothing is left',
      { ...groceries, spentMinor: '40000' },
      'Groceries: 100% of the monthly budget',
      `Groceries: $400.00 of $400.00 spent, nothing left, with 10 days left this month.\n100% of the monthly budget.${footer}`,
    ],
    [
      'of an alert in a past period names the late expense',
      past,
      'Groceries, October 2026: 103% of the monthly budget',
      `Groceries, October 2026: $412.30 of $400.00 spent, $12.30 over.\n103% of the monthly budget.\n\nA late expense changed the total of October 2026.${footer}`,
    ],
    [
      'of a critical alert says why it may come at night',
      critical,
      'Groceries: 153% of the monthly budget',
      `Groceries: $612.30 of $400.00 spent, $212.30 over, with 10 days left this month.\n153% of the monthly budget.\nCritical: such an alert may come in quiet hours, unless you switch that off.${footer.replace('100', '150')}`,
    ],
    [
      'of a recovery names the reason for the mail',
      { ...recovery, spentMinor: '-500' },
      'Groceries is back below 95%',
      'Groceries is back below 95%: more came back than was spent, $405.00 left, about $40 a day for 10 days.\nMore came back than was spent.\n\n-- \nYou get this because you asked to hear when this budget comes down again.\n',
    ],
    [
      'of a digest has a section for each alert',
      { type: 'daily_summary', day: '2026-11-20', alerts: alerts.slice(0, 2) },
      '2 budgets need a look since yesterday',
      '2 budgets need a look since yesterday.\n\nFood: $412.30 of $400.00 spent, $12.30 over, with 10 days left this month.\n103% of the monthly budget.\n\nFun: $412.30 of $400.00 spent, $12.30 over, with 10 days left this month.\n103% of the monthly budget.\n\nThese waited until now, so as not to disturb you.\n\n-- \nYou get this because your daily summary is on.\n',
    ],
  ])('%s, as text', (_, content, title, text) => {
    expect(render(content, 'email')).toMatchObject({ title, text });
  });

  test('has the sender, the figures, the bar and the links in its HTML', () => {
    const { html = '' } = render({ ...groceries, tippedBy }, 'email', { links: { page, unsubscribe } });
    expect(html).toMatch(/^<!DOCTYPE html>\n<html lang="en" dir="ltr">/);
    expect(html).toContain('<bdi dir="auto">Acme</bdi>');
    expect(html).toContain('<bdi dir="auto">Groceries</bdi>');
    expect(html).toContain('>$412.30</span> <span class="soft" style="color:#56616c">of $400.00</span>');
    expect(html).toContain('103% of the monthly budget. $12.30 over, with 10 days left this month.</p>');
    expect(html).toContain('>CORNER MARKET, $120.00, took it over 100%.</p>');
    expect(html).toMatch(/width:97%.*width:3%/);
    expect(html).toContain(`<a href="${page}">See this message and why you got it</a>`);
    expect(html).toContain(
      '<a href="https://spend.example/unsubscribe/t?a=1&amp;b=&quot;2&quot;">Stop mails about this budget</a>',
    );
  });

  test.each([
    ['rule', 'Stop mails about this budget'],
    ['rules', 'Stop mails about these budgets'],
    ['daily_summary', 'Stop the daily summary'],
    ['weekly_summary', 'Stop the weekly summary'],
    ['channel', 'Stop all mails'],
  ] as const)('whose link ends the %s says "%s"', (subject, label) => {
    const links = { page, unsubscribe: { url, subject } };
    const { text, html } = render(groceries, 'email', { links });
    expect(text).toContain(`See this message and why you got it: ${page}\n${label}: ${url}\n`);
    expect(html).toContain(`>${label}</a>`);
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
    expect(text).not.toMatch(/See|Stop/);
  });

  test('numbers and dates follow the locale on every channel', () => {
    const content = { ...past, spentMinor: '123456789' };
    expect(render(content, 'email', { locale: 'de-AT' }).html).toContain('>$\u00a01.234.567,89</span>');
    expect(render(content, 'push', { locale: 'de-DE' }).title).toContain(
      '(Oktober 2026) at more than 1.000 times',
    );
    expect(render(content, 'sms', { locale: 'fr' }).text).toBe(
      'Acme: Groceries, octobre 2026: 1 234 567,89 $US of 400,00 $US spent, 1 234 167,89 $US over. Reply STOP to end texts.',
    );
  });
});

test('a mail carries its unsubscribe URL and an in-app message none', () => {
  expect(render(groceries, 'email', { links: { page: null, unsubscribe } }).unsubscribeUrl).toBe(url);
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
