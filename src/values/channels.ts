/** The channels of a notification. */

/**
 * The channels that may interrupt a person: the one list of them. Unsubscribe tokens name a channel by its index, so
 * append only.
 */
export const interruptingChannels = ['email', 'sms', 'push'] as const;
export type InterruptingChannel = (typeof interruptingChannels)[number];

/** The in-app channel always has every notification. */
export const channels = ['in-app', ...interruptingChannels] as const;
export type Channel = (typeof channels)[number];

/** The channels that go to an address of the person's, which is theirs once they have confirmed it. */
export type AddressChannel = Extract<InterruptingChannel, 'email' | 'sms'>;

/** Stored as JSON with a person. False: opted out. A missing channel is on. */
export type ChannelChoices = Partial<Record<InterruptingChannel, boolean>>;

/** A value for each interrupting channel. */
export const perChannel = <Value>(
  valueOf: (channel: InterruptingChannel) => Value,
): Record<InterruptingChannel, Value> =>
  // It has every key, which the type of `fromEntries` does not say.
  Object.fromEntries(interruptingChannels.map((channel) => [channel, valueOf(channel)])) as Record<
    InterruptingChannel,
    Value
  >;
