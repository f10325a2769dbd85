/** Runs the demo: people and history, rules, the live month and the summary. */
import type { FeedMessage } from '../deliver/channels/in-app/feed.ts';
import { type Progress, startProgress } from '../cli/progress.ts';
import { processShell } from '../cli/shell.ts';
import { forEachAtOnce } from './at-once.ts';
import type { DemoService } from './demo-service.ts';
import { goOn } from './go-on.ts';
import { postHistory } from './history.ts';
import { dateTime, playMonth } from './live-month.ts';
import { nameFinder, type PostedEvent, type Replay } from './replay.ts';
import { createRules, type TokenOf } from './rules.ts';
import { ServiceClient } from './service-client.ts';
import { profilesMade, settled } from './settled.ts';
import { userIdOf } from './mail-index.ts';
import { mailLine, notificationLine } from './notification-line.ts';
import type { NotTold } from './not-told.ts';
import { readNextDue } from './sql/read-next-due.ts';
import { readTotals } from './sql/read-totals.ts';
import { summarize } from './summary.ts';

export type DemoRun = {
  service: DemoService;
  replay: Replay;
  tokenOf: TokenOf;
  notTold: NotTold;
  signal: AbortSignal;
};

/** Returns the summary. Rejects with the signal's reason when the signal is aborted. */
export async function runDemo(run: DemoRun): Promise<string> {
  const startedAt = performance.now();
  const { service, replay, signal } = run;
  const { db } = service.services;
  const { tenantId, adminKey, ingestKey } = service.tenant;
  const client = new ServiceClient(service.url);
  const waitUntilSettled = (): Promise<void> => settled(db, tenantId, signal);
  await run.notTold.skip();
  await finishLeft(run, waitUntilSettled);
  const before = await db.transaction([tenantId], (sql) => readTotals(sql, tenantId));
  await forEachAtOnce(peopleAtOnce, replay.people, async (person) => {
    await client.putUser(adminKey, person);
    if (person.preferences) await client.putPreferences(await run.tokenOf(person.userId), person.preferences);
  });
  await forEachAtOnce(peopleAtOnce, replay.categories, (each) => client.putCategory(adminKey, each));
  await phase(run, 'history', replay.historyCount, async (progress) => {
    await postHistory(client, ingestKey, replay.history, { progress, signal });
    await waitUntilSettled();
  });
  await phase(run, 'rules', replay.rules.length, async (progress) => {
    await createRules(client, run.tokenOf, replay.rules, { progress, signal });
    await waitUntilSettled();
  });
  await phase(run, 'live month', liveCount(replay), async (progress) => {
    const post = (events: readonly PostedEvent[]) => client.postEvents(ingestKey, events);
    const { clock, replayScheduler: scheduler } = service;
    const isDue = async (): Promise<boolean> => {
      const next = await db.transaction([tenantId], (sql) => readNextDue(sql, tenantId));
      return next !== null && Temporal.Instant.compare(next, clock.now()) <= 0;
    };
    const settledAndShown = async (): Promise<void> => {
      await waitUntilSettled();
      await run.notTold.print(progress, clock.now());
    };
    await playMonth({ clock, scheduler, isDue, post, settled: settledAndShown }, replay, progress);
    await profilesMade(db, tenantId, signal);
    await settledAndShown();
  });
  const after = await db.transaction([tenantId], (sql) => readTotals(sql, tenantId));
  return summarize(before, after, (performance.now() - startedAt) / 1000);
}

/** Finishes the work that an interrupted run left. */
async function finishLeft(
  { service, replay, notTold }: DemoRun,
  waitUntilSettled: () => Promise<void>,
): Promise<void> {
  const print = (line: string): void => void process.stdout.write(`${line}\n`);
  const stopPrinting = printNotifications({ service, replay, notTold }, { print });
  try {
    if (!(await goOn(service))) return;
    const now = dateTime(service.clock.now(), replay.tenant.timezone);
    process.stderr.write(`Going on from ${now}, first with what was left unfinished …\n`);
    await waitUntilSettled();
  } finally {
    stopPrinting();
  }
}

const peopleAtOnce = 4;

/** The number of events in the live month. */
export const liveCount = ({ steps }: Pick<Replay, 'steps'>): number =>
  steps.reduce((sum, { events }) => sum + events.length, 0);

/** Runs one part of the replay and shows its progress, with the delivered messages above it. */
async function phase(
  { service, replay, notTold }: DemoRun,
  label: string,
  total: number,
  work: (progress: Progress) => Promise<void>,
): Promise<void> {
  const progress = startProgress(processShell, label, total);
  const stopPrinting = printNotifications({ service, replay, notTold }, progress);
  try {
    await work(progress);
  } finally {
    stopPrinting();
    progress.stop();
  }
}

/** Prints each delivered message, in the app and by mail, until the returned function is called. */
export function printNotifications(
  { service, replay, notTold }: Pick<DemoRun, 'service' | 'replay' | 'notTold'>,
  output: Pick<Progress, 'print'>,
): () => void {
  const { services, clock, tenant, mailbox } = service;
  const nameOf = nameFinder(replay);
  const timeZone = replay.tenant.timezone;
  const print = (message: FeedMessage): void => {
    if (message.tenantId !== tenant.tenantId) return;
    if (message.held) notTold.noteHeldBack(message.notificationId);
    output.print(notificationLine(message, nameOf(message.userId), { at: clock.now(), timeZone }));
  };
  services.feed.on('message', print);
  mailbox.onMail(({ to, subject }) =>
    output.print(mailLine(subject, nameOf(userIdOf(to)), { at: clock.now(), timeZone })),
  );
  return () => {
    services.feed.off('message', print);
    mailbox.onMail(() => undefined);
  };
}
