/** A service that sends mail to a mailbox of the test's own, and people who read what they are told. */
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

  /** `at`: what its clock shows. */
  static async begin(at: string, options: TestServiceOptions = {}): Promise<NotificationWorld> {
    const folder = await mkdtemp(join(tmpdir(), 'spendwatch-mails-'));
    const mailbox = await openMailbox(folder);
    const env = { SMTP_URL: mailbox.url, MAIL_FROM: 'Spendwatch <alerts@example.com>', ...options.env };
    const service = await startService({ ...options, env, clock: new SteppedClock(at) });
    return new NotificationWorld(service, mailbox, folder);
  }

  /** The settings that lead to this mailbox, for another service. */
  get mailSettings(): Record<string, string> {
    return { SMTP_URL: this.#mailbox.url, MAIL_FROM: 'Spendwatch <alerts@example.com>' };
  }

  async end(): Promise<void> {
    await this.service.stop();
    await this.#mailbox.close();
    await rm(this.#folder, { recursive: true });
  }

  /** The next time it is `plainTime`, in UTC. */
  next(plainTime: string): Temporal.Instant {
    const now = this.service.clock.now().toZonedDateTimeISO('UTC');
    const today = now.withPlainTime(plainTime);
    const next = Temporal.ZonedDateTime.compare(now, today) < 0 ? today : today.add({ days: 1 });
    return next.toInstant();
  }

  /** Someone with an address for mail. */
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

  /** The clock goes on to `at`, or to the next time it is `HH:MM` in UTC, and what falls due then is done. */
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
