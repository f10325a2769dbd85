/** Tells the signal that asks a process to stop from the one that asks it to stop at once. */

/** A terminal sends its Ctrl-C to npm and to npm's script, and npm passes its own on: two signals for one request. */
const sameWithinMs = 1_000;

export class StopRequests {
  #firstMs: number | null = null;

  get isStopping(): boolean {
    return this.#firstMs !== null;
  }

  /** `same`: it came with the first. `again`: somebody does not want to wait. */
  add(): 'first' | 'same' | 'again' {
    if (this.#firstMs === null) {
      this.#firstMs = performance.now();
      return 'first';
    }
    return performance.now() - this.#firstMs < sameWithinMs ? 'same' : 'again';
  }
}
