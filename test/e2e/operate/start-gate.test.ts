/** Processes that start before a release has migrated wait for it and then serve. */
import { randomBytes } from 'node:crypto';
import { Client } from 'pg';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { freshDatabase, type FreshDatabase } from '../../support/servers/database.ts';
import { runCommand } from '../../support/servers/command-line.ts';
import { killOutright, ServiceProcess } from '../../support/servers/processes.ts';
import { queuesOfFile } from '../../support/servers/queue-settings.ts';

const name = `gate_${randomBytes(4).toString('hex')}`;
const password = randomBytes(9).toString('hex');

const queues = await queuesOfFile();
let beside: FreshDatabase;
let server: Client;
/** Settings as in production, where the role of the processes does not own the tables. */
let settings: Record<string, string>;
let ownerUrl: string;
let begun: ServiceProcess[];

beforeEach(async () => {
  beside = await freshDatabase();
  server = new Client({ connectionString: beside.url });
  await server.connect();
  await server.query(`create role ${name} login password '${password}'`);
  await server.query(`create database ${name}`);
  const url = new URL(beside.url);
  url.pathname = `/${name}`;
  ownerUrl = url.href;
  url.username = name;
  url.password = password;
  settings = {
    DATABASE_URL: url.href,
    JWT_SECRET: 'a-secret-of-these-tests-of-32-characters',
    PORT: '0',
    ...queues,
  };
  begun = [];
});

afterEach(async () => {
  await Promise.all(begun.map((each) => killOutright(each, [])));
  await server.query(`drop database if exists ${name} with (force)`);
  await server.query(`drop role ${name}`);
  await server.end();
  await beside.drop();
});

test('web, worker and clock wait for migrations and start once a release has made them', async () => {
  begun = await Promise.all(['web', 'worker', 'clock'].map((role) => ServiceProcess.start(role, settings)));
  const [web] = begun;
  const waiting = await Promise.all(begun.map((each) => each.logged('waiting for migrations')));
  expect(waiting[0]?.['lack']).toMatch(/^\d+ migrations$/);
  await expect(runCommand(settings, 'job', 'list')).rejects.toThrow('run "npx spendwatch migrate" first');
  const { applied } = await runCommand({ ...settings, MIGRATION_DATABASE_URL: ownerUrl }, 'migrate');
  expect(applied).not.toEqual([]);
  await Promise.all(begun.map((each) => each.logged('started')));
  const started = await web?.logged('started');
  expect((await fetch(`${String(started?.['url'])}/health/live`)).status).toBe(200);
  const draft = ['--name', 'Gate'];
  expect(await runCommand(settings, 'tenant', 'create', ...draft)).toHaveProperty('apiKey');
});

test('a process that waits for migrations ends at SIGTERM', async () => {
  const web = await ServiceProcess.start('web', settings);
  begun = [web];
  await web.logged('waiting for migrations');
  process.kill(web.pid, 'SIGTERM');
  expect(await web.ended).toEqual({ code: 0, signal: null });
});
