/** The channels of a notification. */
export const channels = ['in-app', 'email', 'sms', 'push'] as const;
export type Channel = (typeof channels)[number];

/** The channels that may interrupt a person. Every notification is in the app anyway. */
export type InterruptingChannel = Exclude<Channel, 'in-app'>;

/** Unsubscribe tokens name a channel by its index here, so only append to this list. */
export const interruptingChannels = ['email', 'sms', 'push'] as const satisfies InterruptingChannel[];

/** Stored as JSON with a person. False: opted out; a missing channel is on. */
export type ChannelChoices = Partial<Record<InterruptingChannel, boolean>>;
