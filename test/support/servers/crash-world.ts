/** A service of separate processes, whose worker is killed as it sends a statement to PostgreSQL. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type FreshDatabase, freshDatabase } from './database.ts';
import { ServiceProcess, signal } from './processes.ts';
import { Proxy } from './proxy.ts';
import { MailServer } from './smtp-server.ts';

type Settings = Record<string, string>;

/** `after`: the words count only once these were sent. `act`: what makes the worker work. */
export type Moment = { words: string; after: string; settings?: Settings; act: () => Promise<unknown> };

export class CrashWorld {
  /** Of processes that reach the database directly. */
  readonly settings: Settings & { DATABASE_URL: string };
  readonly database: FreshDatabase;
  readonly mail: MailServer;
  readonly #folder: string;
  readonly #proxy: Proxy;
  readonly #processes: ServiceProcess[] = [];
  #url = '';

  private constructor(parts: {
    database: FreshDatabase;
    mail: MailServer;
    folder: string;
    proxy: Proxy;
    more: Settings;
  }) {
    this.database = parts.database;
    this.mail = parts.mail;
    this.#folder = parts.folder;
    this.#proxy = parts.proxy;
    this.settings = {
      DATABASE_URL: parts.database.url,
      DATA_DIR: parts.folder,
      PORT: '0',
      JWT_SECRET: 'a secret that the command line knows of',
      CLOCK_START: '2026-11-10T12:00:00Z',
      SMTP_URL: parts.mail.url,
      MAIL_FROM: 'Spendwatch <alerts@spendwatch.example>',
      ...parts.more,
    };
  }

  /** Starts its servers and the `web` process. */
  static async start(more: Settings = {}): Promise<CrashWorld> {
    const [database, mail] = await Promise.all([freshDatabase(), MailServer.start()]);
    const folder = await mkdtemp(join(tmpdir(), 'crash-'));
    const proxy = await Proxy.start(database.url);
    const world = new CrashWorld({ database, mail, folder, proxy, more });
    const web = await world.start('web');
    world.#url = String((await web.logged('started'))['url']);
    return world;
  }

  async start(role: string, settings: Settings = this.settings): Promise<ServiceProcess> {
    const started = await ServiceProcess.start(role, settings);
    this.#processes.push(started);
    return started;
  }

  /** Rejects if the answer is an error. */
  async call(method: string, path: string, credential: string, body: object): Promise<void> {
    const response = await fetch(`${this.#url}${path}`, {
      method,
      headers: { authorization: `Bearer ${credential}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`${path} answered ${response.status}: ${await response.text()}`);
  }

  /** Runs a worker until it sends these words. */
  async killAt({ words, after, settings = {}, act }: Moment): Promise<void> {
    const { DATABASE_URL: direct } = this.settings;
    const proxied = { ...this.settings, ...settings, DATABASE_URL: this.#proxy.through(direct) };
    const worker = await this.start('worker', proxied);
    await worker.logged('started');
    const statements = new SentStatements();
    let hasBegun = false;
    this.#proxy.onSent = (bytes) => {
      let sent = statements.read(bytes);
      if (!hasBegun) {
        const begun = sent.indexOf(after);
        if (begun === -1) return;
        hasBegun = true;
        sent = sent.slice(begun);
      }
      if (sent.includes(words)) signal(worker.pid, 'SIGKILL');
    };
    await act();
    const { code, signal: killedBy } = await worker.ended;
    this.#proxy.onSent = null;
    if (killedBy !== 'SIGKILL') throw new Error(`the worker ended with ${code} before it sent ${words}`);
  }

  async close(): Promise<void> {
    for (const process of this.#processes.toReversed()) {
      signal(process.pid, 'SIGTERM');
      await process.ended;
    }
    await this.#proxy.cut();
    await this.mail.stop();
    await this.database.drop();
    await rm(this.#folder, { recursive: true, force: true });
  }
}

/**
 * The statements that one process sends. A connection sends the text of a statement once with a name, and afterwards the
 * name alone. The names of a process are the same on all its connections.
 */
class SentStatements {
  readonly #texts = new Map<string, string>();

  /** Returns what was sent, with the text of each statement that was only named. */
  read(bytes: Buffer): string {
    return bytes
      .toString('latin1')
      .replaceAll(/(spendwatch_\d+)\0([^\0]*)/g, (sent, name: string, text: string) => {
        if (text !== '') this.#texts.set(name, text);
        return text === '' ? `${sent}${this.#texts.get(name) ?? ''}` : sent;
      });
  }
}
