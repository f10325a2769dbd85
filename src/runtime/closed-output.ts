/** Stops a process when its output is no longer read, as behind `| head`. */

type Output = { on(event: 'error', listener: (error: Error) => void): unknown };

/**
 * Calls `stop` the first time a write finds one of the streams closed. Later output is lost. Without a listener the
 * error would end the process at once and leave its database running.
 */
export function onClosedOutput(outputs: readonly Output[], stop: () => void): void {
  let isClosed = false;
  const handle = (error: Error): void => {
    if (!('code' in error) || error.code !== 'EPIPE') throw error;
    if (!isClosed) stop();
    isClosed = true;
  };
  for (const output of outputs) output.on('error', handle);
}
