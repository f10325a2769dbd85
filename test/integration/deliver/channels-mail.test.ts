/** What stands in a mail, and who carries it where there are two servers. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { emailChannel } from '../../../src/deliver/channels/email/email.ts';
import type { ClaimedDelivery } from '../../../src/deliver/decide/delivery.ts';
import { deliveryOn } from '../../support/worlds/channel-worlds.ts';
import { MailServer, smtpRefusal } from '../../support/servers/smtp-server.ts';

const from = 'Spendwatch <alerts@spendwatch.example>';
const rested: string[] = [];
const guarding = { onRest: (name: string) => rested.push(name), patience: { failures: 5, restMs: 200 } };

let first: MailServer;
let second: MailServer;

beforeEach(async () => {
  rested.length = 0;
  [first, second] = await Promise.all([MailServer.start(), MailServer.start()]);
});
afterEach(() => Promise.all([first.stop(), second.stop()]));

const send = (delivery: ClaimedDelivery, urls = [first.url]) =>
  emailChannel({ urls, from, ...guarding }).send(delivery, AbortSignal.timeout(3_000));

const withMessage = (message: Partial<ClaimedDelivery['message']>): ClaimedDelivery => {
  const delivery = deliveryOn('email');
  return { ...delivery, message: { ...delivery.message, ...message } };
};

describe('a mail', () => {
  test('is from whom the settings say, to the person, and made by no person', async () => {
    const delivery = deliveryOn('email');
    expect(await send(delivery)).toEqual({ kind: 'sent' });
    expect(first.mails).toMatchObject([{ from: 'alerts@spendwatch.example', to: ['ada@example.com'] }]);
    expect(first.mails[0]?.headers).toMatchObject({
      from,
      to: 'Ada <ada@example.com>',
      subject: delivery.message.title,
      'message-id': `<${delivery.tenantId}.${delivery.id}@spendwatch.example>`,
      'auto-submitted': 'auto-generated',
    });
    expect(first.mails[0]?.headers).not.toHaveProperty('list-unsubscribe');
  });

  test('has both versions, the plain one first', async () => {
    await send(withMessage({ text: 'plain', html: '<p>rich</p>' }));
    expect(first.mails[0]?.raw).toMatch(
      /multipart\/alternative[^]*text\/plain[^]*plain[^]*text\/html[^]*<p>rich<\/p>/,
    );
  });

  test('is ended by one click, however long the link is', async () => {
    const unsubscribeUrl = `https://spendwatch.example/api/smart-alerts/unsubscribe/${'a-'.repeat(370)}`;
    await send(withMessage({ unsubscribeUrl }));
    expect(first.mails[0]?.headers).toMatchObject({
      'list-unsubscribe': `<${unsubscribeUrl}>`,
      'list-unsubscribe-post': 'List-Unsubscribe=One-Click',
    });
  });

  test.each(['javascript:alert(1)', 'mailto:a@example.com', 'nothing'])(
    'has no such link that is none: %s',
    async (unsubscribeUrl) => {
      await send(withMessage({ unsubscribeUrl }));
      expect(first.mails[0]?.headers).not.toHaveProperty('list-unsubscribe');
    },
  );

  test('takes no header from what it tells', async () => {
    await send(withMessage({ title: 'Food\r\nBcc: everybody@example.com', text: 'x' }));
    expect(first.mails).toMatchObject([{ to: ['ada@example.com'] }]);
    expect(first.mails[0]?.headers).not.toHaveProperty('bcc');
  });

  test.each(['ada@example.com, bob@example.com', 'ada@example.com> SIZE=1', '', 'ada'])(
    'goes to one person, or nobody: %s',
    async (email) => {
      const result = await send(deliveryOn('email', { email }));
      expect(result).toMatchObject({ kind: 'failed' });
      expect(first.mails).toEqual([]);
    },
  );

  test('to nobody is skipped', async () => {
    const result = await send(deliveryOn('email', { email: null }));
    expect(result).toEqual({ kind: 'skipped', reason: 'no_address' });
  });

  test('is sent as whom the URL names', async () => {
    const url = first.url.replace('smtp://', 'smtp://user:se%40cret@');
    expect(await send(deliveryOn('email'), [url])).toEqual({ kind: 'sent' });
    expect(first.signedIn).toEqual(['user:se@cret']);
  });
});

test('a server that nobody vouches for is told nothing, unless the URL says that it may be', async () => {
  const stranger = await MailServer.start({ offersTls: true });
  expect(await send(deliveryOn('email'), [stranger.url])).toEqual({ kind: 'retry', reason: 'tls' });
  expect(stranger.mails).toEqual([]);
  const trusting = `${stranger.url}?tls.rejectUnauthorized=false`;
  expect(await send(deliveryOn('email'), [trusting])).toEqual({ kind: 'sent' });
  await stranger.stop();
});

describe('a second server', () => {
  const both = () => [first.url, second.url];

  test('takes over what the first did not come to take', async () => {
    await first.wire.cut();
    expect(await send(deliveryOn('email'), both())).toEqual({ kind: 'sent' });
    expect(second.mails).toHaveLength(1);
  });

  test.each([
    ['does not know the addressee', 550, { kind: 'failed', reason: 'smtp_550' }, 0],
    ['cannot take it now', 451, { kind: 'sent' }, 1],
    ['closes', 421, { kind: 'sent' }, 1],
  ])('is asked or not, where the first %s', async (_name, code, result, taken) => {
    first.behaviour.onAddressee = () => Promise.reject(smtpRefusal(code));
    expect(await send(deliveryOn('email'), both())).toEqual(result);
    expect(second.mails).toHaveLength(taken);
  });

  test('is not asked where the first may have taken it', async () => {
    first.behaviour.onTaken = () => first.wire.cut();
    expect(await send(deliveryOn('email'), both())).toEqual({ kind: 'retry', reason: 'connection_reset' });
    expect([first.mails.length, second.mails.length]).toEqual([1, 0]);
  });

  test('takes over from one that takes the connection and says nothing', async () => {
    first.wire.fallSilent();
    const channel = emailChannel({ urls: both(), from, ...guarding });
    const startedAt = performance.now();
    expect(await channel.send(deliveryOn('email'), AbortSignal.timeout(15_000))).toEqual({ kind: 'sent' });
    expect(performance.now() - startedAt).toBeLessThan(10_000);
    expect([first.mails.length, second.mails.length]).toEqual([0, 1]);
  });

  test('that fails too leaves its own reason', async () => {
    await first.wire.cut();
    second.behaviour.onAddressee = () => Promise.reject(smtpRefusal(452));
    expect(await send(deliveryOn('email'), both())).toEqual({ kind: 'retry', reason: 'smtp_452' });
  });

  test('that is left alone spares no attempt where the first was asked', async () => {
    const patience = { failures: 1, restMs: 60_000 };
    const channel = emailChannel({ urls: both(), from, ...guarding, patience });
    const sendOne = () => channel.send(deliveryOn('email'), AbortSignal.timeout(3_000));
    first.behaviour.onAddressee = () => Promise.reject(smtpRefusal(451));
    await second.wire.cut();
    expect(await sendOne()).toEqual({ kind: 'retry', reason: 'connection_refused' });
    expect(await sendOne()).toEqual({ kind: 'retry', reason: 'smtp_451' });
    await first.wire.cut();
    expect(await sendOne()).toMatchObject({ kind: 'retry', reason: 'connection_refused' });
    expect(await sendOne()).toMatchObject({ kind: 'postponed', reason: 'provider_unavailable' });
  });

  test('carries everything while the first is left alone, and the first is asked again after', async () => {
    const channel = emailChannel({ urls: both(), from, ...guarding });
    const sendOne = () => channel.send(deliveryOn('email'), AbortSignal.timeout(3_000));
    await first.wire.cut();
    for (let sent = 0; sent < 5; sent += 1) expect(await sendOne()).toEqual({ kind: 'sent' });
    expect(rested).toEqual([`smtp ${new URL(first.url).host}`]);
    await first.wire.mend();
    expect(await sendOne()).toEqual({ kind: 'sent' });
    expect([first.mails.length, second.mails.length]).toEqual([0, 6]);
    // Its rest is over before it is asked again.
    await expect.poll(async () => (await sendOne(), first.mails.length), { timeout: 3_000 }).toBe(1);
  });
});
