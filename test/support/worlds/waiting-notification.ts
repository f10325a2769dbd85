/** A notification made by an expense that reached a budget, which no worker has decided yet. */
import { randomUUID } from 'node:crypto';
import { vi } from 'vitest';
import type { TestService } from '../servers/service.ts';

export type Waiting = { tenantId: string; notificationId: string; token: string };

/** Of a person of its own, with an address on each channel; the service must run without the worker `notify`. */
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
    if (body.data.length === 0) throw new Error('not told yet');
    return String(body.data[0].id);
  });
  return { tenantId: service.tenant.tenantId, notificationId, token };
}
