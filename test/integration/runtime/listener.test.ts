import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { sql as statement } from 'kysely';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { Listener } from '../../../src/runtime/database/listener.ts';
import { createLog } from '../../../src/runtime/log.ts';
import { databaseOfFile } from '../../support/servers/opened-database.ts';

const database = await databaseOfFile();
/** AuthenticationOk and ReadyForQuery. https://www.postgresql.org/docs/current/protocol-message-formats.html */
const signedIn = Buffer.from('R\0\0\0\x08\0\0\0\0Z\0\0\0\x05I', 'latin1');
const soon = { timeout: 10_000, interval: 10 };

let listener: Listener | null = null;
afterEach(() => listener?.close());

const listen = async (channel: string) => {
  const heard: string[] = [];
  const begin = vi.fn<() => void>();
  const opened = database.db.listen({ channels: { [channel]: (payload) => heard.push(payload) }, begin });
  listener = opened;
  await vi.waitFor(() => expect(opened.isHearing).toBe(true), soon);
  return { heard, begin, listener: opened };
};

const notify = (channel: string, payload: string) =>
  statement`select pg_notify(${channel}, ${payload})`.execute(database.sql);

const connections = async (): Promise<number[]> => {
  const { rows } = await statement<{ pid: number }>`
    select pid from pg_stat_activity
    where datname = current_database() and application_name = 'spendwatch-listener'`.execute(database.sql);
  return rows.map(({ pid }) => pid);
};

describe('a listener', () => {
  test('hears the payloads of its channel in order, and of no other', async () => {
    const { heard } = await listen('one');
    await notify('other', 'x');
    for (const payload of ['a', 'b', 'c']) await notify('one', payload);
    await vi.waitFor(() => expect(heard).toHaveLength(3), soon);
    expect(heard).toEqual(['a', 'b', 'c']);
  });

  test('begins again after its connection was lost, and hears nothing in between', async () => {
    const { heard, begin, listener } = await listen('lost');
    const [pid] = await connections();
    await statement`select pg_terminate_backend(${pid})`.execute(database.sql);
    await vi.waitFor(() => expect(listener.isHearing).toBe(false), soon);
    await vi.waitFor(() => expect(listener.isHearing).toBe(true), soon);
    expect(begin).toHaveBeenCalledTimes(2);
    await notify('lost', 'again');
    await vi.waitFor(() => expect(heard).toEqual(['again']), soon);
  });

  test('tries again when the server breaks off before it has answered LISTEN', async () => {
    let broken = 0;
    const server = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.once('data', () => {
        socket.write(signedIn);
        socket.once('data', () => {
          broken += 1;
          socket.destroy();
        });
      });
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const opened = new Listener(
      { url: `postgres://u@127.0.0.1:${port}/d`, log: createLog('silent') },
      { channels: { broken: () => undefined }, begin: () => undefined },
    );
    // An error that nothing handles would fail this run, and end a web process.
    await vi.waitFor(() => expect(broken).toBeGreaterThan(1), soon);
    expect(opened.isHearing).toBe(false);
    await opened.close();
    server.close();
  });

  test('gives its connection back when it is closed', async () => {
    const { listener } = await listen('closed');
    expect(await connections()).toHaveLength(1);
    await listener.close();
    await vi.waitFor(async () => expect(await connections()).toEqual([]), soon);
  });
});
