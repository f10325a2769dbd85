/** How rows are named across rooms, queues and logs: by ids alone. */

export type PersonRef = { tenantId: string; userId: string };

export type NotificationRef = { tenantId: string; notificationId: string };

/** One notification on one channel. */
export type DeliveryRef = { tenantId: string; deliveryId: string };

/** A profile that is to be rebuilt, by an id that says nothing of its person. */
export type ProfileRef = { tenantId: string; profileId: string };

/** Identifies a person in a map. */
export const personKey = ({ tenantId, userId }: PersonRef): string => `${tenantId} ${userId}`;
