/** The worker that asks people to confirm an address, when it crashes and when its provider fails. */
import { randomUUID } from 'node:crypto';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { runJobNow } from '../../../jobs/index.ts';
import { recordConfirmation } from '../../../src/deliver/confirmations/record-confirmation.ts';
import { addressConfirmations } from '../../../src/deliver/confirmations/queue.ts';
import type { JobOutcome } from '../../../src/runtime/queues/outcome.ts';
import { confirmAddresses } from '../../../workers/confirm-addresses.ts';
import { ConfirmationWorld } from '../../support/worlds/confirmation-world.ts';
import { answerJson } from '../../support/servers/http-ledger.ts';
import { smtpRefusal } from '../../support/servers/smtp-server.ts';

let world: ConfirmationWorld;
beforeAll(async () => {
  world = await ConfirmationWorld.start({ env: { WORKERS: 'evaluate-alerts' } });
});
afterAll(() => world.stop());
afterEach(() => {
  world.servers.mail.behaviour = {};
  world.servers.sms.answering = null;
});

const died = async (): Promise<never> => {
  throw new Error('the process died');
};

/** Asks for a confirmation, and returns the run of its job by the worker. */
async function asked(userId: string, addresses: { email: string } | { phone: string }) {
  expect((await world.set(userId, addresses)).status).toBe(200);
  const channel = 'email' in addresses ? ('email' as const) : ('sms' as const);
  const read = () =>
    world.service.sql
      .selectFrom('address_confirmations')
      .select(['id', 'status', 'attempts', 'failure_reason', 'retry_at'])
      .where('user_id', '=', userId)
      .executeTakeFirstOrThrow();
  const { id } = await read();
  const payload = { tenantId: world.tenant.tenantId, confirmationId: id, channel, correlationId: 'c1' };
  const run = (record = recordConfirmation, isRepeat = false): Promise<JobOutcome> =>
    confirmAddresses(world.service.services, { record })(payload, {
      log: pino({ level: 'silent' }),
      signal: undefined,
      isRepeat,
    });
  return { id, read, run };
}

const done = (detail: string) => ({ kind: 'done', detail });

describe('a crash of the worker', () => {
  test('before the claim leaves the message to the sweep', async () => {
    const { id } = await asked('a1', { email: 'a1@example.com' });
    const queue = world.service.services.queues.named(addressConfirmations.name);
    const jobs = async () => (await queue.getJobs(['waiting'])).filter((job) => job.id === id);
    await queue.remove(id);
    expect(await jobs()).toEqual([]);
    world.service.clock.advance({ seconds: 21 });
    const { outcome } = await runJobNow(world.service.services, 'sweep-pending', world.service.clock.now());
    expect(outcome).toContain(', 1 confirmations');
    const [job] = await jobs();
    const payload = {
      tenantId: world.tenant.tenantId,
      confirmationId: id,
      channel: 'email',
      correlationId: id,
    };
    expect(job?.data).toEqual(payload);
  });

  test('between send and record leads to a second message with the same link, sent by one worker', async () => {
    const { run, read } = await asked('a2', { email: 'a2@example.com' });
    await expect(run(died)).rejects.toThrow('died');
    expect(await read()).toMatchObject({ status: 'sending', attempts: 1 });
    const expiry = world.service.clock.now().add({ seconds: 60 });
    world.service.clock.moveTo(expiry.subtract({ milliseconds: 1 }));
    expect(await run()).toEqual({ kind: 'later', at: expiry, reason: 'claimed elsewhere' });
    world.service.clock.moveTo(expiry);
    const outcomes = await Promise.all([run(), run(), run()]);
    expect(outcomes.filter(({ kind }) => kind === 'done')).toEqual([done('sent')]);
    expect(await read()).toMatchObject({ status: 'sent', attempts: 2 });
    const [first, second, ...others] = world.mailsTo('a2@example.com');
    expect([first?.headers['message-id'], others]).toEqual([second?.headers['message-id'], []]);
    expect((await world.open((await world.askedByMail('a2@example.com')).path, 'POST')).status).toBe(200);
    expect(await run()).toEqual({ kind: 'skip', reason: 'nothing to send' });
  });

  test('is followed at once by another SMS when the queue hands the job out again', async () => {
    const { run } = await asked('a3', { phone: '+4915112345301' });
    await expect(run(died)).rejects.toThrow('died');
    expect(await run(recordConfirmation, true)).toEqual(done('sent'));
    expect(world.smsTo('+4915112345301')).toHaveLength(2);
  });

  test('in every attempt ends after the eighth message', async () => {
    const { run, read } = await asked('a4', { phone: '+4915112345302' });
    for (let attempt = 1; attempt <= 8; attempt += 1) await expect(run(died, true)).rejects.toThrow('died');
    expect(await run(recordConfirmation, true)).toEqual(done('unknown'));
    expect(await read()).toMatchObject({ status: 'unknown', failure_reason: 'crashed' });
    expect(world.smsTo('+4915112345302')).toHaveLength(8);
  });
});

describe('a message', () => {
  test('that the provider refuses for now is tried again after a pause', async () => {
    const { run, read } = await asked('b1', { email: 'b1@example.com' });
    world.servers.mail.behaviour.onAddressee = () => Promise.reject(smtpRefusal(451));
    const outcome = await run();
    expect(outcome).toMatchObject({ kind: 'later', reason: 'smtp_451' });
    expect(await read()).toMatchObject({ status: 'pending', attempts: 1, failure_reason: 'smtp_451' });
    expect(await run()).toMatchObject({ kind: 'later', reason: 'to be tried again' });
    world.servers.mail.behaviour = {};
    world.service.clock.advance({ seconds: 30 });
    expect(await run()).toEqual(done('sent'));
    expect(world.mailsTo('b1@example.com')).toHaveLength(1);
  });

  test('without an answer of the SMS provider is not sent again', async () => {
    const { run, read } = await asked('b2', { phone: '+4915112345303' });
    world.servers.sms.answering = (_sms, _asked, response) => answerJson(response, 201, {});
    expect(await run()).toEqual(done('unknown'));
    expect(await read()).toMatchObject({ status: 'unknown', failure_reason: 'garbage_answer' });
    expect(await run()).toEqual({ kind: 'skip', reason: 'nothing to send' });
  });

  test('about an address that was removed or replaced meanwhile is not sent', async () => {
    const { run } = await asked('b3', { email: 'b3@example.com' });
    await world.set('b3', { email: null });
    expect(await run()).toEqual({ kind: 'skip', reason: 'nothing to send' });
    expect(world.mailsTo('b3@example.com')).toEqual([]);
  });

  test('whose link has expired is not sent', async () => {
    const { run, id } = await asked('b4', { email: 'b4@example.com' });
    await world.service.sql
      .updateTable('address_confirmations')
      .set({ expires_at: '2020-01-01T00:00:00Z' })
      .where('id', '=', id)
      .execute();
    expect(await run()).toEqual({ kind: 'skip', reason: 'nothing to send' });
    expect(world.mailsTo('b4@example.com')).toEqual([]);
  });

  test('on a channel without settings is skipped', async () => {
    const { id, read } = await asked('b5', { email: 'b5@example.com' });
    const services = { ...world.service.services, channels: new Map() };
    const payload = { tenantId: world.tenant.tenantId, confirmationId: id, channel: 'email' as const };
    const context = { log: pino({ level: 'silent' }), signal: undefined };
    const outcome = await confirmAddresses(services)({ ...payload, correlationId: randomUUID() }, context);
    expect(outcome).toEqual(done('skipped'));
    expect(await read()).toMatchObject({ status: 'skipped', failure_reason: 'not_configured', attempts: 0 });
  });
});
