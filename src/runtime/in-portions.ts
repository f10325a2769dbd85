/** Lets the event loop do other work between the portions of long work. */

/** Runs the work to its end. Wherever it yields, other work may come first. */
export async function inPortions<T>(work: Generator<void, T>): Promise<T> {
  for (;;) {
    const portion = work.next();
    if (portion.done) return portion.value;
    await new Promise(setImmediate);
  }
}
