/** A process that neither ends nor answers is replaced. It takes a minute, so this runs with the long tests. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test, vi } from 'vitest';
import { findDatabase, killOutright, ServiceProcess, signal } from '../../support/servers/processes.ts';
import { queuesOfFile } from '../../support/servers/queue-settings.ts';

const queues = await queuesOfFile();

test('a clock that is stopped in the middle is killed and replaced', { timeout: 180_000 }, async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'silent-'));
  const service = await ServiceProcess.start('all', { DATA_DIR: folder, PORT: '0', ...queues });
  const begun = () => service.lines('a process begins').filter((line) => line['role'] === 'clock');
  try {
    await service.logged('all processes started', 80_000);
    signal(Number(begun()[0]?.['pid']), 'SIGSTOP');
    await vi.waitFor(() => expect(begun()).toHaveLength(2), { timeout: 120_000, interval: 500 });
    expect(service.lines('a process is silent and is killed')).toMatchObject([{ role: 'clock' }]);
  } finally {
    await killOutright(service, await findDatabase(folder));
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
});
