/**
 * The tenants of deliveries that found their channel full and were left in their table. Whoever sends on the channel takes
 * the next ones from there when they are done, of each tenant in turn.
 */
export class Backlog {
  readonly #tenantIds = new Set<string>();

  add(tenantId: string): void {
    this.#tenantIds.add(tenantId);
  }

  /** The tenant whose turn it is, or null if nothing waits. It then comes last. */
  next(): string | null {
    const [tenantId] = this.#tenantIds;
    if (tenantId === undefined) return null;
    this.#tenantIds.delete(tenantId);
    this.#tenantIds.add(tenantId);
    return tenantId;
  }

  /** Nothing of the tenant waits any more. */
  remove(tenantId: string): void {
    this.#tenantIds.delete(tenantId);
  }
}
