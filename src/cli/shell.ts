/** What a command line runs in: its settings, and where its answer and its troubles go. */

type Output = { write(text: string): void };

export type Shell = {
  env: Readonly<Record<string, string | undefined>>;
  /** Carries the answer alone. */
  output: Output;
  errors: Output;
  /** Ends it at once, whatever hangs. */
  end(code: number): void;
};

/** This process's own. */
export const processShell: Shell = {
  env: process.env,
  output: process.stdout,
  errors: process.stderr,
  end: (code) => process.exit(code),
};
