/**
 * Carries messages between the processes' caches over Redis. The library's own bus duplicates a client; duplicates
 * neither log an outage as ours do nor fail at once. This one uses our own clients.
 */
import type { BusDriver } from 'bentocache/types';
import type { Log } from '../log.ts';
import { openRedis, type Redis } from '../redis.ts';

type Message = Parameters<BusDriver['publish']>[1];
type Handler = (payload: never) => void | Promise<void>;

export class RedisBus implements BusDriver {
  readonly #publisher: Redis;
  readonly #subscriber: Redis;
  readonly #log: Log;
  readonly #handlers = new Map<string, Handler>();
  #id = '';

  /** The opener of `publisher` closes it. */
  constructor({ url, publisher, log }: { url: string; publisher: Redis; log: Log }) {
    this.#publisher = publisher;
    this.#log = log;
    // The subscriber waits for Redis without limit, and subscribes again whenever Redis is back.
    this.#subscriber = openRedis(url, 'worker', { name: 'cache-bus', log });
    this.#subscriber.on('message', (channel, text) => this.#receive(channel, text));
  }

  setId(id: string): this {
    this.#id = id;
    return this;
  }

  onReconnect(callback: () => void): void {
    this.#subscriber.on('reconnecting', callback);
  }

  async publish(channel: string, payload: Message): Promise<void> {
    await this.#publisher.publish(channel, JSON.stringify({ from: this.#id, payload }));
  }

  async subscribe(channel: string, handler: Handler): Promise<void> {
    this.#handlers.set(channel, handler);
    const failed = (err: unknown) => this.#log.debug({ err }, 'cache bus closed before it was open');
    this.#subscriber.subscribe(channel).catch(failed);
  }

  async unsubscribe(channel: string): Promise<void> {
    this.#handlers.delete(channel);
    await this.#subscriber.unsubscribe(channel);
  }

  async disconnect(): Promise<void> {
    this.#subscriber.disconnect();
  }

  #receive(channel: string, text: string): void {
    // Only `publish` writes to the channel, in some process of this service.
    const { from, payload } = JSON.parse(text) as { from: string; payload: never };
    if (from !== this.#id) void this.#handlers.get(channel)?.(payload);
  }
}
