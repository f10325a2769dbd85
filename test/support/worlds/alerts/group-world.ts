/** Budgets that one expense fills together, and what becomes of their alerts. */
import type { NotificationWorld } from '../notification-world.ts';
import type { Person, ReceivedNotification } from '../person.ts';
import { quotaOf } from '../rows.ts';

export const level = (severity: string, percent = 100) => ({ percent, severity });

export const rule = (severity: string, settings: object = {}) => ({
  thresholds: [level(severity)],
  channels: ['in-app', 'email'],
  maxNotificationsPerDay: 3,
  ...settings,
});

const alertsOf = (notifications: readonly ReceivedNotification[]) =>
  notifications.filter(({ type }) => type === 'budget_alert');

const alerts = async (person: Person) => alertsOf(await person.notifications());

/** `worldOf`: the world of a test file, which begins before its tests. */
export const inGroupWorld = (worldOf: () => NotificationWorld) => ({
  /** Makes a budget of 100.00 for a category of its name. */
  budget: (person: Person, name: string, settings: object = rule('danger')): Promise<string> =>
    person.budget('100.00', { name, categoryId: name, ...settings }),
  /** Makes a budget of 100.00 for all categories. */
  wholeBudget: (person: Person, settings: object = rule('danger')): Promise<string> =>
    person.budget('100.00', { name: 'All', ...settings }),
  pass: (seconds: number): Promise<void> => worldOf().comes(worldOf().service.clock.now().add({ seconds })),
  after: (seconds: number): string => worldOf().service.clock.now().add({ seconds }).toString(),
  alerts,
  statuses: async (person: Person) => (await alerts(person)).map(({ status }) => status),
  rollUps: async (person: Person) => (await person.notifications()).filter(({ type }) => type === 'roll_up'),
  subjects: (person: Person) =>
    worldOf()
      .mailsTo(person)
      .map(({ subject }) => subject),
  quota: (person: Person) => quotaOf(worldOf().service.sql, person),
});
