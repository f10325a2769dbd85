/** The channels of a notification. */
export const channels = ['in-app', 'email', 'sms', 'push'] as const;
export type Channel = (typeof channels)[number];

/** The channels that may interrupt a person. In the app every notification can be found, always. */
export type InterruptingChannel = Exclude<Channel, 'in-app'>;

/** Unsubscribe tokens name a channel by its index: append only. */
export const interruptingChannels = ['email', 'sms', 'push'] as const satisfies InterruptingChannel[];

/** Kept as JSON with a person. False: opted out. A missing channel is on. */
export type ChannelChoices = Partial<Record<InterruptingChannel, boolean>>;
