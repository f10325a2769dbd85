import { randomUUID } from 'node:crypto';
import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { claimDelivery } from '../../../src/deliver/claim-delivery.ts';
import { recordCallbacks } from '../../../src/deliver/record-callback.ts';
import { recordDelivery } from '../../../src/deliver/record-delivery.ts';
import type { FeedMessage } from '../../../src/deliver/channels/in-app/feed.ts';
import { maxAttempts } from '../../../src/deliver/decide/delivery.ts';
import { deliver } from '../../../workers/deliver.ts';
import { planned, scripted } from '../../support/worlds/planned-delivery.ts';
import { startService, type TestService } from '../../support/servers/service.ts';

let service: TestService;
const inAppMessages: FeedMessage[] = [];

beforeAll(async () => {
  service = await startService({ env: { WORKERS: 'evaluate-alerts' } });
  service.services.feed.on('message', (message) => inAppMessages.push(message));
});
afterAll(() => service.stop());
beforeEach(() => {
  inAppMessages.length = 0;
});

const died = async (): Promise<never> => {
  throw new Error('the process died');
};

describe('a delivery', () => {
  test('is claimed, sent and recorded, and the last one finalizes the notification', async () => {
    const email = scripted('email', 'resend', { kind: 'sent' });
    const { run, read, idOf, notificationId } = await planned(service, email);
    expect(await run('in-app')).toEqual({ kind: 'done', detail: 'sent' });
    expect((await read()).status).toBe('pending');
    expect(await run('email')).toEqual({ kind: 'done', detail: 'sent' });
    const sentAt = service.clock.now().toString();
    const notification = await read();
    expect(notification).toMatchObject({ status: 'sent', sentAt });
    expect(notification).not.toHaveProperty('reason');
    expect(notification.deliveries).toEqual([
      { channel: 'in-app', status: 'sent', attempts: 1, sentAt },
      { channel: 'email', status: 'sent', attempts: 1, sentAt },
    ]);
    const message = { title: notification.title, text: notification.message };
    const [figures = ''] = notification.message.split('. ', 1);
    const mail = { title: notification.title, text: expect.stringContaining(figures) };
    expect(email.sent).toMatchObject([{ id: idOf('email'), notificationId, attempt: 1, message: mail }]);
    expect(inAppMessages).toMatchObject([{ notificationId, ...message }]);
  });

  test('that is enqueued again after its end does nothing', async () => {
    const { run } = await planned(service);
    await run('in-app');
    expect(await run('in-app')).toEqual({ kind: 'skip', reason: 'already sent' });
    expect(inAppMessages).toHaveLength(1);
  });

  test('claimed by five workers at the same moment is sent once', async () => {
    const { run } = await planned(service);
    const outcomes = await Promise.all(Array.from({ length: 5 }, () => run('in-app')));
    expect(outcomes.filter(({ kind }) => kind === 'done')).toHaveLength(1);
    expect(inAppMessages).toHaveLength(1);
  });

  test('recorded at the same moment as the other one still finalizes the notification', async () => {
    const { db } = service.services;
    const { read, tenantId, idOf } = await planned(service, scripted('email', 'resend'));
    const refs = [idOf('in-app'), idOf('email')].map((deliveryId) => ({ tenantId, deliveryId, attempt: 1 }));
    const now = service.clock.now();
    for (const ref of refs) await claimDelivery(service.services.db, ref, now);
    const sent = { status: 'sent', reason: null } as const;
    await Promise.all(refs.map((ref) => recordDelivery(db, ref, sent, now)));
    expect((await read()).status).toBe('sent');
  });

  test('that does not exist is skipped', async () => {
    const payload = { tenantId: service.tenant.tenantId, deliveryId: randomUUID() };
    const outcome = await deliver(service.services)(
      { ...payload, channel: 'in-app', correlationId: 'c1' },
      { log: pino({ level: 'silent' }), signal: undefined },
    );
    expect(outcome).toEqual({ kind: 'skip', reason: 'no such delivery' });
  });

  test('on a channel that is no longer configured is skipped', async () => {
    const { channels, run, read } = await planned(service, scripted('email', 'resend'));
    await run('in-app');
    channels.delete('email');
    expect(await run('email')).toEqual({ kind: 'done', detail: 'skipped' });
    const notification = await read();
    expect(notification.status).toBe('sent');
    expect(notification.deliveries[1]).toMatchObject({ status: 'skipped', failureReason: 'not_configured' });
  });
});

describe('a worker’s crash', () => {
  test('before the claim leaves the delivery to the next worker', async () => {
    const { run } = await planned(service);
    await expect(run('in-app', { claim: died })).rejects.toThrow('died');
    expect(await run('in-app')).toEqual({ kind: 'done', detail: 'sent' });
    expect(inAppMessages).toHaveLength(1);
  });

  test('between send and record has the delivery taken over after a minute by one worker', async () => {
    const { run, read } = await planned(service);
    await expect(run('in-app', { record: died })).rejects.toThrow('died');
    expect((await read()).deliveries[0]).toMatchObject({ status: 'sending', attempts: 1 });
    const claimedAt = service.clock.now();
    const expiry = claimedAt.add({ seconds: 60 });
    service.clock.moveTo(expiry.subtract({ milliseconds: 1 }));
    expect(await run('in-app')).toEqual({ kind: 'later', at: expiry, reason: 'claimed elsewhere' });
    expect(inAppMessages).toHaveLength(1);

    service.clock.moveTo(expiry);
    const outcomes = await Promise.all([run('in-app'), run('in-app'), run('in-app')]);
    expect(outcomes.filter(({ kind }) => kind === 'done')).toHaveLength(1);
    expect(inAppMessages).toHaveLength(2);
    const notification = await read();
    expect(notification).toMatchObject({ status: 'sent', deliveries: [{ status: 'sent', attempts: 2 }] });
  });

  test('reported by the queue has a delivery taken over at once only on a channel that may repeat a send', async () => {
    const sms = scripted('sms', 'unknown');
    const { run, read } = await planned(service, sms);
    await expect(run('in-app', { record: died })).rejects.toThrow('died');
    await expect(run('sms')).rejects.toThrow('died');
    expect(await run('in-app', {}, true)).toEqual({ kind: 'done', detail: 'sent' });
    expect(await run('sms', {}, true)).toMatchObject({ kind: 'later', reason: 'claimed elsewhere' });
    expect((await read()).deliveries).toMatchObject([{ status: 'sent' }, { status: 'sending', attempts: 1 }]);
  });

  test('in the send of a channel that may not repeat it leaves the delivery unknown', async () => {
    const sms = scripted('sms', 'unknown');
    const { run, read } = await planned(service, sms);
    await run('in-app');
    await expect(run('sms')).rejects.toThrow('died');
    service.clock.advance({ seconds: 60 });
    expect(await run('sms')).toEqual({ kind: 'done', detail: 'unknown' });
    expect(sms.sent).toHaveLength(1);
    const notification = await read();
    expect(notification).toMatchObject({ status: 'failed', reason: 'delivery_failed' });
    expect(notification.deliveries[1]).toEqual({
      channel: 'sms',
      status: 'unknown',
      attempts: 1,
      failureReason: 'crashed',
    });
  });

  test('that was only slowness makes the slow worker record nothing after the takeover', async () => {
    const email = scripted('email', 'resend', { kind: 'failed', reason: 'late' });
    const { run, read, tenantId, idOf } = await planned(service, email);
    const ref = { tenantId, deliveryId: idOf('email') };
    const slow = await claimDelivery(service.services.db, ref, service.clock.now());
    const other = await claimDelivery(service.services.db, ref, service.clock.now(), 1);
    expect([slow, other]).toMatchObject([{ delivery: { attempt: 1 } }, { delivery: { attempt: 2 } }]);
    const outcome = await run('email', { claim: async () => slow });
    expect(outcome).toEqual({ kind: 'skip', reason: 'taken over by another claim' });
    expect((await read()).deliveries[1]).toEqual({ channel: 'email', status: 'sending', attempts: 2 });
  });
});

describe('a send that fails', () => {
  test('with a retry is tried again, and loses its reason once it succeeds', async () => {
    const retry = { kind: 'retry', reason: 'busy' } as const;
    const { run, read } = await planned(service, scripted('email', 'resend', retry, { kind: 'sent' }));
    await run('in-app');
    const at = service.clock.now().add({ seconds: 15 });
    expect(await run('email')).toEqual({ kind: 'later', at, reason: 'busy' });
    const waiting = await read();
    expect(waiting.status).toBe('pending');
    expect(waiting.deliveries[1]).toMatchObject({ status: 'pending', attempts: 1, failureReason: 'busy' });
    service.clock.moveTo(at);
    expect(await run('email')).toEqual({ kind: 'done', detail: 'sent' });
    const notification = await read();
    expect(notification.status).toBe('sent');
    expect(notification.deliveries[1]).not.toHaveProperty('failureReason');
  });

  test.each([
    [{ event: 'delivered' }, 'delivered', 'sent'],
    [{ event: 'bounced', isLasting: false, reason: 'full' }, 'bounced', 'failed'],
  ] as const)('is not tried again after the provider callback %o', async (said, status, end) => {
    const email = scripted('email', 'resend', { kind: 'retry', reason: 'connection_reset' });
    const { run, read, tenantId, idOf } = await planned(service, email);
    await run('in-app');
    expect(await run('email')).toMatchObject({ kind: 'later', reason: 'connection_reset' });
    const name = { tenantId, deliveryId: idOf('email') };
    await recordCallbacks(service.services.db, 'email', [{ name, said }], service.clock.now());
    expect(await run('email')).toEqual({ kind: 'skip', reason: `already ${status}` });
    expect(email.sent).toHaveLength(1);
    expect(await read()).toMatchObject({ status: end, deliveries: [{}, { status, attempts: 1 }] });
  });

  test('because no provider could be asked makes no attempt, however long that lasts', async () => {
    const postponed = { kind: 'postponed', reason: 'provider_unavailable', forMs: 30_000 } as const;
    const outage = Array.from({ length: 2 * maxAttempts }, () => postponed);
    const { run, read } = await planned(service, scripted('email', 'resend', ...outage, { kind: 'sent' }));
    await run('in-app');
    for (const { reason } of outage) {
      const at = service.clock.now().add({ seconds: 30 });
      expect(await run('email')).toEqual({ kind: 'later', at, reason });
      service.clock.moveTo(at);
    }
    const untried = { status: 'pending', attempts: 0, failureReason: 'provider_unavailable' };
    expect((await read()).deliveries[1]).toMatchObject(untried);
    expect(await run('email')).toEqual({ kind: 'done', detail: 'sent' });
    expect((await read()).deliveries[1]).toMatchObject({ status: 'sent', attempts: 1 });
  });

  test('because there is no address does not count against the daily quota', async () => {
    const noAddress = { kind: 'skipped', reason: 'no_address' } as const;
    const { run, read, places } = await planned(service, scripted('email', 'resend', noAddress));
    await run('in-app');
    expect(await places()).toBe(1);
    await run('email');
    const skipped = { status: 'skipped', attempts: 0, failureReason: 'no_address' };
    expect(await read()).toMatchObject({ status: 'sent', deliveries: [{}, skipped] });
    expect(await places()).toBe(0);
  });

  test('on every external channel fails the notification', async () => {
    const failed = { kind: 'failed', reason: 'no such box' } as const;
    const { run, read } = await planned(
      service,
      scripted('email', 'resend', failed),
      scripted('sms', 'unknown', { ...failed, reason: 'no such number' }),
    );
    await run('email');
    await run('sms');
    expect((await read()).status).toBe('pending');
    await run('in-app');
    const notification = await read();
    expect(notification).toMatchObject({ status: 'failed', reason: 'delivery_failed' });
    expect(notification).not.toHaveProperty('sentAt');
    expect(notification.deliveries[1]).toMatchObject({ status: 'failed', failureReason: 'no such box' });
  });

  test('without a known result ends unknown, and one without an address is skipped', async () => {
    const { run, read } = await planned(
      service,
      scripted('email', 'resend', { kind: 'skipped', reason: 'no_address' }),
      scripted('sms', 'unknown', { kind: 'unknown', reason: 'timeout' }),
    );
    await run('in-app');
    expect(await run('email')).toEqual({ kind: 'done', detail: 'skipped' });
    expect(await run('sms')).toEqual({ kind: 'done', detail: 'unknown' });
    const notification = await read();
    expect(notification.status).toBe('failed');
    expect(notification.deliveries.slice(1)).toMatchObject([
      { status: 'skipped', failureReason: 'no_address' },
      { status: 'unknown', failureReason: 'timeout' },
    ]);
  });

  test('on one channel and succeeds on another leaves the notification sent', async () => {
    const { run, read } = await planned(
      service,
      scripted('email', 'resend', { kind: 'failed', reason: 'no such box' }),
      scripted('sms', 'unknown', { kind: 'sent' }),
    );
    await run('in-app');
    await run('email');
    await run('sms');
    expect((await read()).status).toBe('sent');
  });
});
