/**
 * What tenants may still send this month, by mail and SMS. One is made for a transaction that has locked the counts. It
 * counts what is planned, so that the next plan of the transaction knows.
 */
import { perChannel } from '../../values/channels.ts';
import { channelsOf } from './content.ts';
import type { GroupVerdict } from './group.ts';
import type { PendingNotification, Recipient } from './policy.ts';

/** The channels that a tenant pays for by the message. */
const limitedChannels = ['email', 'sms'] as const;
export type LimitedChannel = (typeof limitedChannels)[number];
/** Null: without a limit. */
export type MonthlyLimits = Record<LimitedChannel, number | null>;
type Messages = Record<LimitedChannel, number>;

/** `month`: its first day. `left`: what may still be sent in it. */
export type MonthlyLeft = { month: string; left: MonthlyLimits };

type Plan = {
  item: Pick<PendingNotification, 'tenantId' | 'content'>;
  recipient: Recipient;
  verdict: { verdict: GroupVerdict['verdict'] | 'merge' };
};

export class MonthlyQuotas {
  readonly #left: ReadonlyMap<string, MonthlyLeft>;
  readonly #planned = new Map<string, Messages>();

  /** `left`: by tenant. A tenant that is missing has no limit. */
  constructor(left: ReadonlyMap<string, MonthlyLeft>) {
    this.#left = left;
  }

  /** The recipient without the channels on which their tenant may send nothing more. */
  within(recipient: Recipient): Recipient {
    const exhausted = limitedChannels.filter((channel) => this.#isExhausted(recipient.tenantId, channel));
    if (exhausted.length === 0) return recipient;
    const isOver = new Set<string>(exhausted);
    const { skip } = recipient;
    return {
      ...recipient,
      skip: perChannel((channel) => skip[channel] ?? (isOver.has(channel) ? 'ceiling' : null)),
    };
  }

  /** Counts the messages of a plan, after leaving out the channels that earlier plans have exhausted. */
  admit<Each extends Plan>(plan: Each): Each {
    const { tenantId, content } = plan.item;
    if (plan.verdict.verdict !== 'send' || !this.#left.has(tenantId)) return plan;
    const recipient = this.within(plan.recipient);
    const planned = this.#planned.get(tenantId) ?? { email: 0, sms: 0 };
    for (const channel of limitedChannels)
      if (channelsOf(content).includes(channel) && recipient.skip[channel] === null) planned[channel] += 1;
    this.#planned.set(tenantId, planned);
    return { ...plan, recipient };
  }

  /** Counts a message that is no notification. False, with nothing counted, if the tenant may send no more. */
  admitMessage(tenantId: string, channel: LimitedChannel): boolean {
    if (this.#isExhausted(tenantId, channel)) return false;
    if (!this.#left.has(tenantId)) return true;
    const planned = this.#planned.get(tenantId) ?? { email: 0, sms: 0 };
    this.#planned.set(tenantId, { ...planned, [channel]: planned[channel] + 1 });
    return true;
  }

  /** The messages that were admitted, of tenants that have a limit. */
  get planned(): { tenantId: string; month: string; messages: Messages }[] {
    return [...this.#left].flatMap(([tenantId, { month }]) => {
      const messages = this.#planned.get(tenantId);
      return messages ? [{ tenantId, month, messages }] : [];
    });
  }

  #isExhausted(tenantId: string, channel: LimitedChannel): boolean {
    const limit = this.#left.get(tenantId)?.left[channel] ?? null;
    return limit !== null && limit <= (this.#planned.get(tenantId)?.[channel] ?? 0);
  }
}
