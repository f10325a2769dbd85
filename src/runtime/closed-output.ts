/** What becomes of a process whose output nobody reads any more, as behind `| head`. */

type Output = { on(event: 'error', listener: (error: Error) => void): unknown };

/**
 * Calls `stop` the first time one of the streams turns out to be closed; what is written to it after that is
 * lost. Unheard, the error would end the process where it stands, and leave its database running.
 */
export function onClosedOutput(outputs: readonly Output[], stop: () => void): void {
  let isClosed = false;
  const hear = (error: Error): void => {
    if (!('code' in error) || error.code !== 'EPIPE') throw error;
    if (!isClosed) stop();
    isClosed = true;
  };
  for (const output of outputs) output.on('error', hear);
}
