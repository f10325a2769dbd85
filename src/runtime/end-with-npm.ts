/** Ends a process that npm started when npm is gone. */

const lookEveryMs = 500;

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * npm passes SIGTERM and SIGINT on to its script, but not what kills npm outright. So this calls `end` once the parent has
 * gone, if npm runs `program` as a script. `program` is a path as `package.json` names it. Other parents may go, such
 * as the terminal of a service that stays. On Windows a process never hears that its parent has gone.
 */
export function endWithNpm(env: Environment, program: string, end: () => void): void {
  if (!env['npm_lifecycle_script']?.split(' ').includes(program)) return;
  // A terminal that closes sends it to both. npm ends by it, unless it was started with nohup.
  process.on('SIGHUP', () => undefined);
  const npm = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === npm) return;
    clearInterval(timer);
    end();
  }, lookEveryMs);
  timer.unref();
}
