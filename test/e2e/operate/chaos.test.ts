/**
 * Chaos: real statements with edits, deletions and repeats go through two webs, four workers and two clocks on Redis.
 * Meanwhile processes, Redis and PostgreSQL are killed again and again. At the end every sum equals the rows, and
 * nobody was notified twice. `CHAOS_ROWS` sets the number of rows.
 */
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, type QueryResultRow } from 'pg';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type EmbeddedPostgres, joinEmbeddedPostgres } from '../../../src/runtime/database/embedded/join.ts';
import { migrate } from '../../../src/runtime/migrate.ts';
import { Fleet } from '../../support/servers/fleet.ts';
import { runCommand } from '../../support/servers/command-line.ts';
import { findDatabase } from '../../support/servers/processes.ts';
import { PrivateRedis, whyNoServer } from '../../support/servers/redis.ts';
import {
  statementFile,
  type Story,
  type StoryEvent,
  playStory,
} from '../../support/worlds/statement-story.ts';
import {
  type Budget,
  expectSameSums,
  expectNotifiedOnce,
  makeBudgets,
} from '../../support/reference/story-ends.ts';

const rows = Number(process.env['CHAOS_ROWS'] ?? 12_000);
const eventsPerRequest = 40;
const posters = 6;
const month = '2021-11';
const takenOverWithinMs = 15_000;
const enqueuedAgainWithinMs = 60_000;

describe.runIf(existsSync(statementFile) && whyNoServer === null)('a fleet whose parts are killed', () => {
  let dataDir: string;
  let server: EmbeddedPostgres;
  let redis: PrivateRedis;
  let client: Client;
  let fleet: Fleet;
  let settings: Record<string, string>;
  let story: Story;
  let apiKey: string;
  let budgets: Budget[];
  const answers = { accepted: 0, repeated: 0 };

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'spendwatch-chaos-'));
    server = await joinEmbeddedPostgres({ dataDir });
    await migrate(server.url, server.serviceUrl);
    redis = await PrivateRedis.start();
    settings = {
      DATABASE_URL: server.serviceUrl,
      REDIS_URL: redis.url,
      DATA_DIR: dataDir,
      JWT_SECRET: randomBytes(32).toString('hex'),
      PORT: '0',
      CLOCK_START: '2021-11-30T06:00:00Z',
    };
    story = await playStory(rows, `${month}-30`, Temporal.Instant.from('2021-11-28T00:00:00Z'));
    fleet = new Fleet(settings);
    await fleet.start(['web', 'web', 'worker', 'worker', 'worker', 'worker', 'clock', 'clock']);
    await connect();
    budgets = await openAccounts();
  }, 120_000);

  afterAll(async () => {
    await fleet?.stop();
    await client?.end();
    await redis?.kill();
    await server?.release();
    await rm(dataDir, { recursive: true, force: true });
  }, 60_000);

  it('ends with the sums of its rows and one notification each, after ten failures', async () => {
    // The sweep enqueues batches that a killed web had not; a killed worker's jobs go to another worker.
    const kill = (role: 'web' | 'worker' | 'clock', nth: number) => () =>
      blow(
        `${role} killed`,
        () => fleet.kill(role, nth),
        role === 'worker' ? takenOverWithinMs : enqueuedAgainWithinMs,
      );
    const blows = [
      kill('worker', 1),
      kill('web', 0),
      emptyRedis,
      kill('worker', 3),
      loseRedis,
      kill('clock', 0),
      crashPostgres,
      kill('worker', 0),
      emptyRedis,
      kill('web', 1),
    ];
    const size = Math.ceil(story.events.length / blows.length);
    for (const [index, strike] of blows.entries()) {
      slice = new Posting(story.events.slice(index * size, (index + 1) * size));
      await strike();
      await slice.ended;
    }
    await everythingIsDone();
    await expectSameSums({ read, story, budgets, month });
    await expectNotifiedOnce({ read, story, budgets, month });
    expect(fleet.deaths).toEqual([]);
    expect(await fleet.stop()).toEqual([]);
    process.stderr.write(`chaos: ${JSON.stringify({ ...story.counts, ...answers, blows: fleet.blows })}\n`);
  }, 420_000);

  /** The events posted around one failure by several posters, which repeat each request until it is answered 202. */
  class Posting {
    readonly ended: Promise<void>;
    readonly #third = Promise.withResolvers<void>();
    readonly #requests: StoryEvent[][];

    constructor(events: readonly StoryEvent[]) {
      const count = Math.ceil(events.length / eventsPerRequest);
      this.#requests = Array.from({ length: count }, (_, at) =>
        events.slice(at * eventsPerRequest, (at + 1) * eventsPerRequest),
      );
      const enough = Math.floor((count * 2) / 3);
      const post = async () => {
        for (let request = this.#requests.pop(); request; request = this.#requests.pop()) {
          await postUntilAccepted(request);
          if (this.#requests.length <= enough) this.#third.resolve();
        }
      };
      this.ended = Promise.all(Array.from({ length: posters }, post)).then(() => undefined);
    }

    /** Resolves once a third of the requests are answered. */
    get underWay(): Promise<void> {
      return this.#third.promise;
    }
  }

  let slice: Posting;

  async function blow(what: string, act: () => Promise<void>, withinMs: number): Promise<void> {
    await slice.underWay;
    const left: Unfinished[] = [];
    await fleet.strike(
      what,
      async () => {
        await act();
        left.push(await unfinished());
      },
      () => finished(left[0], withinMs),
    );
  }

  /** Loses all jobs while no worker can take them, and after the last event, which could bring earlier ones along. */
  async function emptyRedis(): Promise<void> {
    await slice.underWay;
    fleet.signal('worker', 'SIGSTOP');
    await slice.ended;
    const left = await unfinished();
    expect(left.batches.length).toBeGreaterThan(0);
    await fleet.strike(
      `Redis emptied of ${left.batches.length} batches`,
      async () => {
        await redis.flush();
        fleet.signal('worker', 'SIGCONT');
      },
      () => finished(left, enqueuedAgainWithinMs),
    );
  }

  async function loseRedis(): Promise<void> {
    await slice.underWay;
    const before = answers.repeated;
    await redis.kill();
    await slice.ended;
    expect(answers.repeated).toBe(before);
    const left = await unfinished();
    expect(left.batches.length).toBeGreaterThan(0);
    await fleet.strike(
      `Redis killed, and back without ${left.batches.length} batches`,
      () => redis.start(),
      () => finished(left, enqueuedAgainWithinMs),
    );
  }

  /** Kills one server process, which ends all connections; the server recovers from its log. */
  async function crashPostgres(): Promise<void> {
    const processes = await findDatabase(dataDir);
    const victim = processes.find(({ command }) => command.includes(' spendwatch_app '));
    if (!victim) throw new Error('nobody is connected');
    await blow(
      'PostgreSQL crashed',
      async () => {
        client.on('error', () => undefined);
        const lost = new Promise((resolve) => client.once('end', resolve));
        process.kill(victim.pid, 'SIGKILL');
        await lost;
        await vi.waitFor(connect, { timeout: 30_000, interval: 50 });
      },
      enqueuedAgainWithinMs,
    );
  }

  async function connect(): Promise<void> {
    client = new Client({ connectionString: server.url });
    await client.connect();
  }

  async function read<Row extends QueryResultRow>(text: string, values: unknown[] = []): Promise<Row[]> {
    return (await client.query<Row>(text, values)).rows;
  }

  type Unfinished = { batches: string[]; notifications: string[] };

  async function unfinished(): Promise<Unfinished> {
    const batches = await read<{ id: string }>('select id from event_batches where applied_at is null');
    const pending = await read<{ id: string }>(
      "select id from notification_history where status = 'pending'",
    );
    return { batches: batches.map(({ id }) => id), notifications: pending.map(({ id }) => id) };
  }

  async function finished(left: Unfinished | undefined, timeout: number): Promise<void> {
    await vi.waitFor(
      async () => {
        const now = await unfinished();
        expect(now.batches.filter((id) => left?.batches.includes(id))).toEqual([]);
        expect(now.notifications.filter((id) => left?.notifications.includes(id))).toEqual([]);
      },
      { timeout, interval: 20 },
    );
  }

  /** Posts to the webs in turn until one answers 202, because a web may be dead or without its database. */
  async function postUntilAccepted(events: readonly StoryEvent[]): Promise<void> {
    await vi.waitFor(
      async () => {
        const { urls } = fleet;
        const url = urls[answers.accepted % urls.length];
        const answer = await call(`${url}/api/events`, apiKey, events).catch(() => null);
        if (answer?.status !== 202) answers.repeated += 1;
        expect([202, 503]).toContain(answer?.status ?? 503);
        expect(answer?.status).toBe(202);
        expect(await answer?.json()).toMatchObject({ rejected: [] });
        answers.accepted += 1;
      },
      { timeout: 60_000, interval: 50 },
    );
  }

  async function openAccounts(): Promise<Budget[]> {
    const created = await runCommand(settings, 'tenant', 'create', '--name', 'Chaos', '--currency', 'GBP');
    apiKey = String(created['apiKey']);
    const scope = ['--scope', 'admin', '--tenant', String(created['tenantId'])];
    const admin = await runCommand(settings, 'key', 'create', ...scope);
    return makeBudgets(story, month, create, String(admin['apiKey']));
  }

  async function create(path: string, credential: string, body: object) {
    const response = await call(`${fleet.urls[0]}${path}`, credential, body);
    expect(response.status).toBe(201);
    // Every call here is answered with an object.
    return (await response.json()) as Record<string, unknown>;
  }

  const everythingIsDone = (): Promise<void> =>
    vi.waitFor(async () => expect(await unfinished()).toEqual({ batches: [], notifications: [] }), {
      timeout: 90_000,
      interval: 100,
    });
});

const call = (url: string, credential: string, body: object): Promise<Response> =>
  fetch(url, {
    method: 'POST',
    headers: { authorization: `Bearer ${credential}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
