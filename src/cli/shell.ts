/** The surroundings of a command line: its settings, its standard output and its standard error. */

type Output = { write(text: string): void };

export type Shell = {
  env: Readonly<Record<string, string | undefined>>;
  /** Gets only the command's answer. */
  output: Output;
  errors: Output;
  /** Ends the process at once, even if something hangs. */
  end(code: number): void;
};

/** The surroundings of this process. */
export const processShell: Shell = {
  env: process.env,
  output: process.stdout,
  errors: process.stderr,
  end: (code) => process.exit(code),
};
