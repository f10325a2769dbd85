/** A progress bar on standard error: which benchmark runs, how many are done, and for how long it has run. */

const width = 20;

/** Without a terminal it writes one line. It ends with its scope. */
export function showProgress(name: string, done: number, all: number): Disposable {
  const { stderr } = process;
  if (!stderr.isTTY) {
    stderr.write(`${done + 1} of ${all}: ${name}\n`);
    return { [Symbol.dispose]: () => undefined };
  }
  const beganMs = performance.now();
  const bar = '#'.repeat(Math.floor((width * done) / all)).padEnd(width, '-');
  const draw = (): void => {
    const seconds = Math.floor((performance.now() - beganMs) / 1000);
    stderr.write(`\r[${bar}] ${done + 1} of ${all}: ${name}, ${seconds} s`);
  };
  draw();
  const timer = setInterval(draw, 1000);
  return {
    [Symbol.dispose]: () => {
      clearInterval(timer);
      stderr.write('\r\u001B[K');
    },
  };
}
