/** The commands `spendwatch job list` and `spendwatch job run`. */
import { Command } from 'commander';
import { runJobNow, schedules } from '../../../jobs/index.ts';
import { type LatestRun, listRuns } from '../../operate/job-runs.ts';
import { CommandError } from '../failure.ts';
import type { Shell } from '../shell.ts';
import { createCommand, print, withServices } from './command.ts';
import { instant } from './options.ts';

export const jobCommand = (shell: Shell): Command =>
  new Command('job')
    .description('The scheduled jobs.')
    .addCommand(listJobsCommand(shell))
    .addCommand(runJobCommand(shell));

const listJobsCommand = (shell: Shell): Command =>
  createCommand({
    name: 'list',
    description: 'Show each scheduled job, when it is due and how it last went.',
    prints:
      'a job a line; with --json [{"job", "cron" (UTC), "catchUp", "about", "latest": {"slot", "status", "outcome", "changedAt"} or null}]',
    example: 'npx spendwatch job list',
  }).action(async (options: { json?: boolean }) => {
    const runs = await withServices(shell, ({ db, clock }) => listRuns(db.sql, clock.now()));
    const latest = new Map(runs.map((run) => [run.job, run]));
    const jobs = schedules.map(({ name, cron, catchUp, about }) => ({
      job: name,
      cron,
      catchUp,
      about,
      latest: viewOf(latest.get(name)),
    }));
    print(shell, { json: jobs, text: jobs.map(textOf).join('\n') }, options);
  });

type RunView = { slot: string; status: string; outcome: string | null; changedAt: string };

const viewOf = (run: LatestRun | undefined): RunView | null =>
  run
    ? {
        slot: run.slot.toString(),
        status: run.status,
        outcome: run.outcome,
        changedAt: run.changedAt.toString(),
      }
    : null;

const textOf = (entry: { job: string; cron: string; about: string; latest: RunView | null }): string => {
  const { job, cron, about, latest } = entry;
  const last = latest
    ? `${latest.status} for ${latest.slot}${latest.outcome === null ? '' : `: ${latest.outcome}`}`
    : 'has not run yet';
  return `${job}  (${cron} UTC)\n  ${about}\n  ${last}`;
};

const runJobCommand = (shell: Shell): Command =>
  createCommand({
    name: 'run',
    description: 'Run a scheduled job here and now, also where its slot has run before.',
    prints: 'what came of it; {"job", "at", "outcome"} with --json',
    example: 'npx spendwatch job run sweep-pending --at 2026-11-22T08:30:00Z',
  })
    .argument('<name>', 'as `job list` shows it')
    .option('--at <instant>', 'the slot to run it for (default: now)', instant)
    .action(async (name: string, options: { at?: Temporal.Instant; json?: boolean }) => {
      if (!schedules.some((job) => job.name === name)) throw noJob(name);
      const ran = await withServices(shell, (services) =>
        runJobNow(services, name, options.at ?? wholeSecond(services.clock.now())),
      );
      print(shell, { json: ran, text: `${ran.job} for ${ran.at}: ${ran.outcome}` }, options);
    });

/** The slot is shown in the list of runs, where fractions of a second only distract. */
const wholeSecond = (at: Temporal.Instant): Temporal.Instant =>
  at.round({ smallestUnit: 'second', roundingMode: 'floor' });

const noJob = (name: string): CommandError =>
  new CommandError(`no job is named ${name}: there are ${schedules.map((job) => job.name).join(', ')}`);
