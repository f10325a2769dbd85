/** The headers and parts of a mail, and the failover between two mail servers. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { emailChannel } from '../../../src/deliver/channels/email/email.ts';
import type { DeliveryChannel } from '../../../src/deliver/channels/channel.ts';
import type { ClaimedDelivery, SendResult } from '../../../src/deliver/decide/delivery.ts';
import { deliveryOn } from '../../support/worlds/channel-worlds.ts';
import { MailServer, smtpRefusal } from '../../support/servers/smtp-server.ts';

const from = 'Spendwatch <alerts@spendwatch.example>';
const opened: string[] = [];
const breaker = { onRest: (name: string) => opened.push(name), breakerOptions: { failures: 5, restMs: 200 } };

let first: MailServer;
let second: MailServer;

beforeEach(async () => {
  opened.length = 0;
  [first, second] = await Promise.all([MailServer.start(), MailServer.start()]);
});
afterEach(() => Promise.all([first.stop(), second.stop()]));

const send = (delivery: ClaimedDelivery, urls = [first.url]) =>
  emailChannel({ urls, from, ...breaker }).send(delivery, AbortSignal.timeout(3_000));

const withMessage = (message: Partial<ClaimedDelivery['message']>): ClaimedDelivery => {
  const delivery = deliveryOn('email');
  return { ...delivery, message: { ...delivery.message, ...message } };
};

describe('a mail', () => {
  test('has the configured sender, the person as recipient and the mark of an automatic message', async () => {
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

  test('has a plain text part and an HTML part, in this order', async () => {
    await send(withMessage({ text: 'plain', html: '<p>rich</p>' }));
    expect(first.mails[0]?.raw).toMatch(
      /multipart\/alternative[^]*text\/plain[^]*plain[^]*text\/html[^]*<p>rich<\/p>/,
    );
  });

  test('has headers to unsubscribe by one click, however long the link is', async () => {
    const unsubscribeUrl = `https://spendwatch.example/api/smart-alerts/unsubscribe/${'a-'.repeat(370)}`;
    await send(withMessage({ unsubscribeUrl }));
    expect(first.mails[0]?.headers).toMatchObject({
      'list-unsubscribe': `<${unsubscribeUrl}>`,
      'list-unsubscribe-post': 'List-Unsubscribe=One-Click',
    });
  });

  test.each(['javascript:alert(1)', 'mailto:a@example.com', 'nothing'])(
    'has no unsubscribe header for a link that is not a web address: %s',
    async (unsubscribeUrl) => {
      await send(withMessage({ unsubscribeUrl }));
      expect(first.mails[0]?.headers).not.toHaveProperty('list-unsubscribe');
    },
  );

  test('takes no header from the text of its message', async () => {
    await send(withMessage({ title: 'Food\r\nBcc: everybody@example.com', text: 'x' }));
    expect(first.mails).toMatchObject([{ to: ['ada@example.com'] }]);
    expect(first.mails[0]?.headers).not.toHaveProperty('bcc');
  });

  test.each(['ada@example.com, bob@example.com', 'ada@example.com> SIZE=1', '', 'ada'])(
    'is not sent to anything but a single address: %j',
    async (email) => {
      const result = await send(deliveryOn('email', { email }));
      expect(result).toMatchObject({ kind: 'failed' });
      expect(first.mails).toEqual([]);
    },
  );

  test('without an address is skipped', async () => {
    const result = await send(deliveryOn('email', { email: null }));
    expect(result).toEqual({ kind: 'skipped', reason: 'no_address' });
  });

  test('is sent with the user and password of the URL', async () => {
    const url = first.url.replace('smtp://', 'smtp://user:se%40cret@');
    expect(await send(deliveryOn('email'), [url])).toEqual({ kind: 'sent' });
    expect(first.signedIn).toEqual(['user:se@cret']);
  });
});

test('user and password go to a mail server without TLS only on this machine', async () => {
  // It reaches the same server by an address that is not known to be this machine.
  const url = first.url.replace('smtp://127.0.0.1', 'smtp://user:secret@0.0.0.0');
  expect(await send(deliveryOn('email'), [url])).toEqual({ kind: 'retry', reason: 'tls' });
  expect({ signedIn: first.signedIn, mails: first.mails }).toEqual({ signedIn: [], mails: [] });
  const open = first.url.replace('127.0.0.1', '0.0.0.0');
  expect(await send(deliveryOn('email'), [open])).toEqual({ kind: 'sent' });
});

test('a mail server with an untrusted certificate gets no mail unless the URL allows it', async () => {
  const untrusted = await MailServer.start({ offersTls: true });
  expect(await send(deliveryOn('email'), [untrusted.url])).toEqual({ kind: 'retry', reason: 'tls' });
  expect(untrusted.mails).toEqual([]);
  const trustingUrl = `${untrusted.url}?tls.rejectUnauthorized=false`;
  expect(await send(deliveryOn('email'), [trustingUrl])).toEqual({ kind: 'sent' });
  await untrusted.stop();
});

describe('a session with a mail server', () => {
  const opening = (): { channel: DeliveryChannel; sendOne: () => Promise<SendResult> } => {
    const url = first.url.replace('smtp://', 'smtp://user:secret@');
    const channel = emailChannel({ urls: [url], from, ...breaker });
    return { channel, sendOne: () => channel.send(deliveryOn('email'), AbortSignal.timeout(3_000)) };
  };
  const outcome = () => ({ signedIn: first.signedIn.length, mails: first.mails.length });

  test('carries the next mail as well', async () => {
    const { sendOne } = opening();
    for (let sent = 0; sent < 3; sent += 1) expect(await sendOne()).toEqual({ kind: 'sent' });
    expect(outcome()).toEqual({ signedIn: 1, mails: 3 });
  });

  test('carries one mail at a time', async () => {
    const { sendOne } = opening();
    await Promise.all([sendOne(), sendOne(), sendOne()]);
    expect(outcome()).toEqual({ signedIn: 3, mails: 3 });
    await Promise.all([sendOne(), sendOne(), sendOne()]);
    expect(outcome()).toEqual({ signedIn: 3, mails: 6 });
  });

  test('that was lost between two mails is replaced', async () => {
    const { sendOne } = opening();
    await sendOne();
    await first.wire.cut();
    await first.wire.mend();
    expect(await sendOne()).toEqual({ kind: 'sent' });
    expect(outcome()).toEqual({ signedIn: 2, mails: 2 });
  });

  test('that the server closes at the next mail is replaced', async () => {
    const { sendOne } = opening();
    await sendOne();
    first.behaviour.onAddressee = async () => {
      first.behaviour = {};
      throw smtpRefusal(421);
    };
    expect(await sendOne()).toEqual({ kind: 'sent' });
    expect(outcome()).toEqual({ signedIn: 2, mails: 2 });
  });

  test('that breaks after the text of a mail leaves the mail to be tried again, and does not send it twice', async () => {
    const { sendOne } = opening();
    await sendOne();
    first.behaviour.onTaken = () => first.wire.cut();
    expect(await sendOne()).toEqual({ kind: 'retry', reason: 'connection_reset' });
    expect(outcome()).toEqual({ signedIn: 1, mails: 2 });
  });

  test('ends after a hundred mails', async () => {
    const { sendOne } = opening();
    for (let sent = 0; sent < 101; sent += 1) await sendOne();
    expect(outcome()).toEqual({ signedIn: 2, mails: 101 });
  });

  test('ends with its channel', async () => {
    const { channel, sendOne } = opening();
    await sendOne();
    const left = first.nextLeaving();
    channel.close?.();
    await expect(left).resolves.toBeUndefined();
  });
});

describe('a second mail server', () => {
  const both = () => [first.url, second.url];

  test('takes over a mail when the first refuses the connection', async () => {
    await first.wire.cut();
    expect(await send(deliveryOn('email'), both())).toEqual({ kind: 'sent' });
    expect(second.mails).toHaveLength(1);
  });

  test.each([
    ['is not asked when the first does not know the address', 550, { kind: 'failed', reason: 'smtp_550' }, 0],
    ['takes over when the first cannot accept the mail now', 451, { kind: 'sent' }, 1],
    ['takes over when the first is closing', 421, { kind: 'sent' }, 1],
  ])('%s', async (_name, code, result, mails) => {
    first.behaviour.onAddressee = () => Promise.reject(smtpRefusal(code));
    expect(await send(deliveryOn('email'), both())).toEqual(result);
    expect(second.mails).toHaveLength(mails);
  });

  test('is not asked when the first may have accepted the mail', async () => {
    first.behaviour.onTaken = () => first.wire.cut();
    expect(await send(deliveryOn('email'), both())).toEqual({ kind: 'retry', reason: 'connection_reset' });
    expect([first.mails.length, second.mails.length]).toEqual([1, 0]);
  });

  test('takes over from one that accepts the connection and stays silent', async () => {
    first.wire.fallSilent();
    const channel = emailChannel({ urls: both(), from, ...breaker });
    const startedAt = performance.now();
    expect(await channel.send(deliveryOn('email'), AbortSignal.timeout(15_000))).toEqual({ kind: 'sent' });
    expect(performance.now() - startedAt).toBeLessThan(10_000);
    expect([first.mails.length, second.mails.length]).toEqual([0, 1]);
  });

  test('that fails too gives the reason of the failure', async () => {
    await first.wire.cut();
    second.behaviour.onAddressee = () => Promise.reject(smtpRefusal(452));
    expect(await send(deliveryOn('email'), both())).toEqual({ kind: 'retry', reason: 'smtp_452' });
  });

  test('with an open circuit does not turn a failure of the first into a postponement', async () => {
    const breakerOptions = { failures: 1, restMs: 60_000 };
    const channel = emailChannel({ urls: both(), from, ...breaker, breakerOptions });
    const sendOne = () => channel.send(deliveryOn('email'), AbortSignal.timeout(3_000));
    first.behaviour.onAddressee = () => Promise.reject(smtpRefusal(451));
    await second.wire.cut();
    expect(await sendOne()).toEqual({ kind: 'retry', reason: 'connection_refused' });
    expect(await sendOne()).toEqual({ kind: 'retry', reason: 'smtp_451' });
    await first.wire.cut();
    expect(await sendOne()).toMatchObject({ kind: 'retry', reason: 'connection_refused' });
    expect(await sendOne()).toMatchObject({ kind: 'postponed', reason: 'provider_unavailable' });
  });

  test('takes over all mails while the first’s circuit is open, and the first is asked again after', async () => {
    const channel = emailChannel({ urls: both(), from, ...breaker });
    const sendOne = () => channel.send(deliveryOn('email'), AbortSignal.timeout(3_000));
    await first.wire.cut();
    for (let sent = 0; sent < 5; sent += 1) expect(await sendOne()).toEqual({ kind: 'sent' });
    expect(opened).toEqual([`smtp ${new URL(first.url).host}`]);
    await first.wire.mend();
    expect(await sendOne()).toEqual({ kind: 'sent' });
    expect([first.mails.length, second.mails.length]).toEqual([0, 6]);
    // The first server's circuit closes only after its rest.
    await expect.poll(async () => (await sendOne(), first.mails.length), { timeout: 3_000 }).toBe(1);
  });
});
