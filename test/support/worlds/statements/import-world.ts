/** A database, a folder and the real command, for tests of imports. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { sql as statement } from 'kysely';
import { pino } from 'pino';
import { vi } from 'vitest';
import { parseEvent } from '../../../../src/ingest/decide/event.ts';
import { readConfig } from '../../../../src/runtime/config/config.ts';
import { openServices } from '../../../../src/services.ts';
import { type Ran, runCommand, runLine } from '../../servers/command-line.ts';
import { freshDatabase, type FreshDatabase } from '../../servers/database.ts';
import { queuesOfFile } from '../../servers/queue-settings.ts';

/** `sum` in minor units. */
export type Spent = { sum: number; expenses: number };

/** The lines of a file. */
export const lines = (...rows: string[]): string => rows.map((row) => `${row}\n`).join('');

export class ImportWorld {
  readonly database: FreshDatabase;
  readonly folder: string;
  readonly settings: Record<string, string>;

  private constructor(database: FreshDatabase, folder: string, settings: Record<string, string>) {
    this.database = database;
    this.folder = folder;
    this.settings = settings;
  }

  static async start(): Promise<ImportWorld> {
    const database = await freshDatabase();
    return new ImportWorld(database, await mkdtemp(path.join(tmpdir(), 'spendwatch-import-')), {
      DATABASE_URL: database.url,
      JWT_SECRET: 'a-secret-of-these-tests-of-32-characters',
      ...(await queuesOfFile()),
    });
  }

  async stop(): Promise<void> {
    await this.database.drop();
    await rm(this.folder, { recursive: true });
  }

  async createTenant(currency = 'EUR'): Promise<string> {
    const draft = ['--name', 'Banks', '--timezone', 'Europe/Berlin', '--currency', currency];
    return String((await runCommand(this.settings, 'tenant', 'create', ...draft))['tenantId']);
  }

  async write(name: string, content: string | Uint8Array): Promise<string> {
    const file = path.join(this.folder, name);
    await writeFile(file, content);
    return file;
  }

  importFile(file: string, tenantId: string, ...more: string[]): Promise<Record<string, unknown>> {
    return runCommand(this.settings, 'import', file, '--tenant', tenantId, ...more);
  }

  /** Runs an import that must fail. */
  async refuse(file: string, tenantId: string, ...more: string[]): Promise<Ran> {
    const ran = await runLine(this.settings, 'import', file, '--tenant', tenantId, ...more, '--json');
    if (ran.code === 0) throw new Error(`the import succeeded: ${ran.stdout}`);
    return ran;
  }

  /** Sums what the last event received of each expense says. */
  async spentIn(tenantId: string): Promise<Spent> {
    const { rows } = await statement<{ sum: string; expenses: string }>`
      select coalesce(sum(amount_minor), 0) as sum, count(amount_minor) as expenses
      from (
        select distinct on (expense_id) amount_minor
        from events join event_batches b on b.tenant_id = events.tenant_id and b.id = batch_id
        where events.tenant_id = ${tenantId}
        order by expense_id, time desc, received_at desc, position desc
      ) latest`.execute(this.database.sql);
    return { sum: Number(rows[0]?.sum), expenses: Number(rows[0]?.expenses) };
  }

  /** A column of the tenant's events, in the order in which they were received. */
  async columnOf(tenantId: string, column: string): Promise<unknown[]> {
    const { rows } = await statement<{ value: unknown }>`
      select ${statement.ref(column)} as value from events where tenant_id = ${tenantId}
      order by batch_id, position`.execute(this.database.sql);
    return rows.map(({ value }) => value);
  }

  /** Stores events in the inbox, as the command does with those of a file. */
  async store(tenantId: string, bodies: readonly unknown[]): Promise<void> {
    const services = await openServices(readConfig(this.settings), { log: pino({ level: 'silent' }) });
    try {
      const context = { tenantId, now: services.clock.now() };
      const parsed = bodies.map((body) => parseEvent(body, context));
      await services.inbox.accept(parsed.flatMap((each) => (each.ok ? [each.event] : [])));
    } finally {
      await services.close();
    }
  }

  /** Resolves when a worker has applied every event of the tenant. */
  async applied(tenantId: string): Promise<void> {
    const waiting = statement<{ count: string }>`
      select count(*) from event_batches where tenant_id = ${tenantId} and applied_at is null`;
    await vi.waitFor(
      async () => {
        const { rows } = await waiting.execute(this.database.sql);
        if (rows[0]?.count !== '0') throw new Error('events wait to be applied');
      },
      { timeout: 30_000, interval: 20 },
    );
  }
}
