/** Makes a pending notification: an expense has reached a budget, and no worker has decided it yet. */
import { randomUUID } from 'node:crypto';
import { vi } from 'vitest';
import type { TestService } from '../servers/service.ts';

/** Longer than the evaluation takes on a busy machine. */
const waiting = { timeout: 20_000 };

export type Waiting = { tenantId: string; userId: string; notificationId: string; token: string };

/** Makes one for a new person with an address on each channel. The service must run without the worker `notify`. */
export async function waitingNotification(
  service: TestService,
  rule: Record<string, unknown> = {},
): Promise<Waiting> {
  const userId = randomUUID();
  const token = await service.token(userId);
  const addresses = { email: 'somebody@example.com', phone: '+4915112345678' };
  await service.put(`/api/users/${userId}`, addresses, service.tenant.adminKey);
  await service.post('/api/smart-alerts/rules', { budgetAmount: '100.00', ...rule }, token);
  const now = service.clock.now().toString();
  const expense = { userId, categoryId: 'groceries', amount: '100.00', currency: 'USD', spentAt: now };
  const data = { expenseId: randomUUID(), ...expense };
  await service.post('/api/events', { id: randomUUID(), type: 'expense.created', time: now, data });
  const notificationId = await vi.waitFor(async () => {
    const { body } = await service.get('/api/smart-alerts/notifications', token);
    if (body.data.length === 0) throw new Error('no notification yet');
    return String(body.data[0].id);
  }, waiting);
  return { tenantId: service.tenant.tenantId, userId, notificationId, token };
}
