/** Checks that each queue takes a job and gives it back. */
import { contracts } from '../../queue-contracts.ts';
import { createLog } from '../../runtime/log.ts';
import type { QueueBackend } from '../../runtime/queues/backend.ts';
import type { Contract } from '../../runtime/queues/contract.ts';
import { Queues } from '../../runtime/queues/enqueue.ts';
import { type Check, check, ok } from './check.ts';

const fix = 'let the store of the queues take writes: REDIS_URL where it is set, DATABASE_URL else';

/** Closes the backend. */
export async function queuesCheck(backend: QueueBackend): Promise<Check> {
  const queues = new Queues(backend, Object.values<Contract>(contracts), createLog('silent'));
  try {
    return await check('queues', fix, async () => {
      await queues.ping();
      await queues.probe();
      return ok(`each of ${queues.all.length} takes a job and gives it back`);
    });
  } finally {
    // Not awaited, because closing would wait for a server that hangs.
    void queues.close().then(
      () => backend.close(),
      () => undefined,
    );
  }
}
