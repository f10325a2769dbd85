/**
 * Prints why somebody was not told: levels that another one spoke for, notifications that were withdrawn, and those that were
 * held back after they had waited for others.
 */
import type { Database } from '../runtime/database/database.ts';
import { dateTime } from './live-month.ts';
import type { Progress } from '../cli/progress.ts';
import { nameFinder, type Replay } from './replay.ts';
import { notToldLine, type Shown, waitingText } from './notification-line.ts';
import {
  type HeldBack,
  readHeldBack,
  readUntoldLevels,
  readWithdrawn,
  type UntoldLevel,
  type Withdrawn,
} from './sql/read-not-told.ts';

const whyUntold = {
  superseded: 'another level was reached with it and speaks for it',
  deduplicated: 'told not long ago',
  muted: 'the budget is muted, so it is in the app alone',
  snoozed: 'snoozed, so mail waits until that ends',
  on_pace: 'the budget will probably hold, so it is in the app alone',
  past_period: 'the budget’s period has been over for days',
  no_rate: 'an expense in a currency without an exchange rate is left out',
  rule_changed: 'the budget was changed',
} as const satisfies Record<UntoldLevel['outcome'], string>;

const whyWithdrawn: Readonly<Record<string, string>> = {
  no_longer_holds: 'it did not hold any more when its time came',
  no_longer_reached: 'spending fell again while the message waited',
  reached_again: 'spending rose again while the message waited',
  overtaken: 'a level at least as severe was reached while the message waited',
  already_read: 'read in the app while the message waited',
  rule_disabled: 'the budget was switched off while the message waited',
};

/** Goes on from where it was asked last. */
export class NotTold {
  readonly #db: Database;
  readonly #tenantId: string;
  readonly #nameOf: (userId: string) => string;
  readonly #timeZone: string;
  readonly #withdrawn = new Set<string>();
  readonly #heldBack = new Set<string>();
  #last = '0';

  constructor(db: Database, tenantId: string, replay: Pick<Replay, 'people' | 'tenant'>) {
    this.#db = db;
    this.#tenantId = tenantId;
    this.#nameOf = nameFinder(replay);
    this.#timeZone = replay.tenant.timezone;
  }

  /** Leaves out what an earlier run has printed. */
  async skip(): Promise<void> {
    await this.print({ print: () => undefined }, Temporal.Instant.fromEpochMilliseconds(0));
  }

  /** A line about the notification has said so already. */
  noteHeldBack(notificationId: string): void {
    this.#heldBack.add(notificationId);
  }

  async print(output: Pick<Progress, 'print'>, at: Temporal.Instant): Promise<void> {
    const shown = { at, timeZone: this.#timeZone };
    const [untold, withdrawn, held] = await this.#db.transaction([this.#tenantId], (sql) =>
      Promise.all([
        readUntoldLevels(sql, this.#tenantId, this.#last),
        readWithdrawn(sql, this.#tenantId),
        readHeldBack(sql, this.#tenantId),
      ]),
    );
    const freshlyHeld = held.filter(({ id }) => !this.#heldBack.has(id));
    for (const { id } of freshlyHeld) this.#heldBack.add(id);
    this.#last = untold.at(-1)?.number ?? this.#last;
    const fresh = withdrawn.filter(({ id }) => !this.#withdrawn.has(id));
    for (const { id } of fresh) this.#withdrawn.add(id);
    for (const each of untold) output.print(this.#lineOfLevel(each, shown));
    for (const each of fresh) output.print(this.#lineOfWithdrawn(each, shown));
    for (const each of freshlyHeld) output.print(this.#lineOfHeldBack(each, shown));
  }

  #lineOfLevel({ userId, level, rule, outcome, until }: UntoldLevel, shown: Shown): string {
    const again =
      until === null ? '' : `, again at ${dateTime(Temporal.Instant.from(until), shown.timeZone)}`;
    return notToldLine(
      { level, title: `${rule}  (${whyUntold[outcome]}${again})` },
      this.#nameOf(userId),
      shown,
    );
  }

  #lineOfHeldBack({ userId, level, title, status, until }: HeldBack, shown: Shown): string {
    const why = waitingText({ status, until: Temporal.Instant.from(until) }, shown);
    return notToldLine({ level, title: `${title}  (${why})` }, this.#nameOf(userId), shown);
  }

  #lineOfWithdrawn({ userId, level, title, reason }: Withdrawn, shown: Shown): string {
    const why = whyWithdrawn[reason] ?? reason;
    return notToldLine({ level, title: `${title}  (${why})` }, this.#nameOf(userId), shown);
  }
}
