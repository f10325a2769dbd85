/** A bounded TTL cache. Age is measured with the machine's monotonic clock. */

export class TtlCache<Value> {
  readonly #entries = new Map<string, { value: Value; until: number }>();
  readonly #maxAgeMs: number;
  readonly #maxSize: number;
  readonly #monotonicMs: () => number;

  constructor(
    limits: { maxAgeMs: number; maxSize: number },
    monotonicMs: () => number = () => performance.now(),
  ) {
    this.#maxAgeMs = limits.maxAgeMs;
    this.#maxSize = limits.maxSize;
    this.#monotonicMs = monotonicMs;
  }

  get(key: string): Value | undefined {
    const entry = this.#entries.get(key);
    if (!entry) return undefined;
    if (entry.until > this.#monotonicMs()) return entry.value;
    this.#entries.delete(key);
    return undefined;
  }

  /** If the cache is full, the oldest entry is removed. */
  set(key: string, value: Value): void {
    this.#entries.delete(key);
    this.#entries.set(key, { value, until: this.#monotonicMs() + this.#maxAgeMs });
    const [oldest] = this.#entries.keys();
    if (this.#entries.size > this.#maxSize && oldest !== undefined) this.#entries.delete(oldest);
  }

  delete(key: string): void {
    this.#entries.delete(key);
  }
}
