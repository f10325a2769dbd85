/** Runs a service that sends mail to a mailbox of the test, with people who read their notifications. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runJobNow } from '../../../jobs/index.ts';
import { type Mail, type Mailbox, openMailbox } from '../../../src/demo/mailbox.ts';
import { SteppedClock } from '../../../src/runtime/clock.ts';
import { Person } from './person.ts';
import { startService, type TestService, type TestServiceOptions } from '../servers/service.ts';

export class NotificationWorld {
  readonly service: TestService;
  readonly mails: Mail[] = [];
  readonly #mailbox: Mailbox;
  readonly #folder: string;

  private constructor(service: TestService, mailbox: Mailbox, folder: string) {
    this.service = service;
    this.#mailbox = mailbox;
    this.#folder = folder;
    mailbox.onMail((mail) => this.mails.push(mail));
  }

  /** Starts a service; `at` is the time on its clock. */
  static async begin(at: string, options: TestServiceOptions = {}): Promise<NotificationWorld> {
    const folder = await mkdtemp(join(tmpdir(), 'spendwatch-mails-'));
    const mailbox = await openMailbox(folder);
    const env = { SMTP_URL: mailbox.url, MAIL_FROM: 'Spendwatch <alerts@example.com>', ...options.env };
    const service = await startService({ ...options, env, clock: new SteppedClock(at) });
    return new NotificationWorld(service, mailbox, folder);
  }

  /** The mail settings with which another service can use this mailbox. */
  get mailSettings(): Record<string, string> {
    return { SMTP_URL: this.#mailbox.url, MAIL_FROM: 'Spendwatch <alerts@example.com>' };
  }

  async end(): Promise<void> {
    await this.service.stop();
    await this.#mailbox.close();
    await rm(this.#folder, { recursive: true });
  }

  /** Computes the next instant at which it is `plainTime` in UTC. */
  next(plainTime: string): Temporal.Instant {
    const now = this.service.clock.now().toZonedDateTimeISO('UTC');
    const today = now.withPlainTime(plainTime);
    const next = Temporal.ZonedDateTime.compare(now, today) < 0 ? today : today.add({ days: 1 });
    return next.toInstant();
  }

  /** Makes a person with an email address. */
  async person(settings: { timezone?: string } = {}): Promise<Person> {
    const person = await Person.arrives(this.service);
    const email = `${person.userId}@example.com`;
    await this.service.put(
      `/api/users/${person.userId}`,
      { email, ...settings },
      this.service.tenant.adminKey,
    );
    return person;
  }

  mailsTo(person: Person): Mail[] {
    return this.mails.filter(({ to }) => to === `${person.userId}@example.com`);
  }

  /** Moves the clock to `at`, or to the next `HH:MM` in UTC, and runs the jobs that release and digest. */
  async comes(at: string | Temporal.Instant): Promise<void> {
    const isTime = typeof at === 'string' && at.length === 'HH:MM'.length;
    this.service.clock.moveTo(isTime ? this.next(at) : Temporal.Instant.from(at));
    await this.run('wake-deferred');
    await this.run('daily-summary');
  }

  async run(job: string): Promise<void> {
    await runJobNow(this.service.services, job, this.service.clock.now());
    await this.service.settled();
  }
}
