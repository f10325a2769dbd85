/**
 * Hears channels of PostgreSQL's NOTIFY, on a connection of its own. It connects again whenever that is lost.
 * https://www.postgresql.org/docs/current/sql-notify.html
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { Client } from 'pg';
import type { Log } from '../log.ts';

const connectAgainAfterMs = 1_000;
const connectWithinMs = 5_000;

type Options = { url: string; log: Log };

/**
 * `channels`: for each channel a function that gets its payloads. `begin` is called when payloads may have been missed:
 * at the start and after a loss.
 */
export type Ears = { channels: Readonly<Record<string, (payload: string) => void>>; begin(): void };

/** A listener hears its own first payload here. */
const echo = 'spendwatch_echo';

export class Listener {
  readonly #options: Options;
  readonly #ears: Ears;
  readonly #closing = new AbortController();
  readonly #running: Promise<void>;
  #isHearing = false;

  constructor(options: Options, ears: Ears) {
    this.#options = options;
    this.#ears = ears;
    this.#running = this.#run();
  }

  /**
   * False while there is no connection. Also false behind a pooler that shares connections between transactions: it
   * takes the LISTEN and passes nothing on, not even the listener's own first payload.
   */
  get isHearing(): boolean {
    return this.#isHearing;
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      try {
        await this.#listen();
      } catch (err) {
        this.#options.log.debug({ err }, 'cannot listen to the database');
      }
      this.#isHearing = false;
      await pause(connectAgainAfterMs, undefined, { signal, ref: false }).catch(() => undefined);
    }
  }

  /** Resolves when the connection has ended. */
  async #listen(): Promise<void> {
    const { channels, begin } = this.#ears;
    const client = new Client({
      connectionString: this.#options.url,
      application_name: 'spendwatch-listener',
      keepAlive: true,
      connectionTimeoutMillis: connectWithinMs,
    });
    // `once` of node:events would also reject on an error, before anything waits for it.
    const ended = new Promise<void>((resolve) => client.once('end', resolve));
    const stop = (): void => void client.end();
    // Without a listener the event would end the process. The connection ends with it.
    client.on('error', (err) => this.#options.log.debug({ err }, 'the listening connection was lost'));
    const own = randomUUID();
    client.on('notification', ({ channel, payload = '' }) => {
      if (payload === own) this.#isHearing = true;
      else channels[channel]?.(payload);
    });
    await client.connect();
    this.#closing.signal.addEventListener('abort', stop, { once: true });
    if (this.#closing.signal.aborted) stop();
    try {
      const names = [...Object.keys(channels), echo].map((name) => client.escapeIdentifier(name));
      await client.query(names.map((name) => `listen ${name}`).join(';'));
      await client.query('select pg_notify($1, $2)', [echo, own]);
      begin();
      await ended;
    } finally {
      this.#closing.signal.removeEventListener('abort', stop);
      await client.end();
    }
  }
}
