/** References to rows across rooms, queues and logs. They contain ids only. */

export type PersonRef = { tenantId: string; userId: string };

export type NotificationRef = { tenantId: string; notificationId: string };

/** A delivery: one notification on one channel. */
export type DeliveryRef = { tenantId: string; deliveryId: string };

/** A message that asks a person to confirm an address. */
export type ConfirmationRef = { tenantId: string; confirmationId: string };

/** A stale profile, by an id that does not reveal its person. */
export type ProfileRef = { tenantId: string; profileId: string };

/** The tenants of these people. */
export const tenantsOf = (people: readonly PersonRef[]): string[] => [
  ...new Set(people.map(({ tenantId }) => tenantId)),
];

/** Identifies a person in a map. */
export const personKey = ({ tenantId, userId }: PersonRef): string => `${tenantId} ${userId}`;
