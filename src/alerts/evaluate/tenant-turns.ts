/**
 * The turns of tenants in the claims of a process. The queue is in the order of arrival, so one who floods it would keep
 * everybody behind. Each claim therefore also takes batches of other tenants who wait, whom the claim before has found.
 */

/** Other tenants who get a turn in a claim. The claim looks for the next among those after `lookAfter`, by their ids. */
export type Turn = { neighbourIds: readonly string[]; lookAfter: string };

/** Tenants who get a turn in one claim. */
export const neighboursAtATime = 16;

/** Below the id of every tenant. */
const beforeAll = '00000000-0000-0000-0000-000000000000';

/** The turn of a claim that takes nobody along. */
export const ownTurn: Turn = { neighbourIds: [], lookAfter: beforeAll };

export class TenantTurns {
  #found: readonly string[] = [];

  /** Those who were found go to one claim, which is for `ownIds` anyway. Behind the last of them the search goes on. */
  take(ownIds: readonly string[]): Turn {
    const found = this.#found;
    this.#found = [];
    const isRound = found.length < neighboursAtATime;
    return {
      neighbourIds: found.filter((id) => !ownIds.includes(id)),
      lookAfter: (isRound ? null : found.at(-1)) ?? beforeAll,
    };
  }

  /** `waiting`: the tenants whom a claim has found, in the order of their ids. */
  note(waiting: readonly string[]): void {
    this.#found = waiting;
  }
}
