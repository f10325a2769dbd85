/**
 * One mail over one SMTP connection, step by step, so that it is known how far it came: a server that was not
 * yet given the text cannot have taken the mail.
 */
import { Readable } from 'node:stream';
import { parseConnectionUrl } from 'nodemailer/lib/shared';
import SMTPConnection, { type SMTPEnvelope } from 'nodemailer/lib/smtp-connection';

export type Mail = { envelope: SMTPEnvelope; content: Buffer };

/** `greeting`: up to being signed in. `envelope`: sender and addressee. `text`: the server may have it all. */
export type Step = 'greeting' | 'envelope' | 'text';

export class TransferError extends Error {
  readonly step: Step;
  /** The server's, where it was its answer that ended the transfer. */
  readonly responseCode: number | null;

  constructor(step: Step, cause: unknown) {
    super('the mail was not transferred', { cause });
    this.step = step;
    const code: unknown = cause instanceof Error && 'responseCode' in cause ? cause.responseCode : null;
    this.responseCode = typeof code === 'number' ? code : null;
  }
}

/** Bounds each step; the whole is bounded by the caller's signal. */
const waits = { dnsTimeout: 5_000, connectionTimeout: 5_000, greetingTimeout: 5_000, socketTimeout: 10_000 };
const maxResponseSize = 65_536;

/** Rejects with `TransferError`. `url`: `smtp://user:password@host:port`, or `smtps://`. */
export const transfer = (url: string, mail: Mail, signal: AbortSignal): Promise<void> =>
  withSession(url, signal, (connection, state) => send(connection, mail, state));

/** Connects and signs in, and sends nothing. Rejects with `TransferError`. */
export const trySignIn = (url: string, signal: AbortSignal): Promise<void> =>
  withSession(url, signal, async () => undefined);

type State = { step: Step };

async function withSession(
  url: string,
  signal: AbortSignal,
  act: (connection: SMTPConnection, state: State) => Promise<void>,
): Promise<void> {
  const state: State = { step: 'greeting' };
  const { auth, ...server } = parseConnectionUrl(url);
  const connection = new SMTPConnection({ ...server, ...waits, maxResponseSize });
  const broken = Promise.withResolvers<never>();
  const giveUp = () => broken.reject(signal.reason);
  connection.on('error', broken.reject);
  signal.addEventListener('abort', giveUp, { once: true });
  const converse = async () => {
    await signIn(connection, auth);
    await act(connection, state);
  };
  try {
    if (signal.aborted) giveUp();
    await Promise.race([broken.promise, converse()]);
    connection.quit();
  } catch (error) {
    connection.close();
    throw new TransferError(state.step, error);
  } finally {
    signal.removeEventListener('abort', giveUp);
  }
}

async function signIn(
  connection: SMTPConnection,
  auth: Parameters<SMTPConnection['login']>[0],
): Promise<void> {
  await answered((done) => connection.connect(done));
  if (auth) await answered((done) => connection.login(auth, done));
}

async function send(connection: SMTPConnection, { envelope, content }: Mail, state: State): Promise<void> {
  state.step = 'envelope';
  // Read only once the server has asked for it.
  const text = Readable.from(
    (function* () {
      state.step = 'text';
      yield content;
    })(),
  );
  await answered((done) => connection.send({ ...envelope, size: content.length }, text, done));
}

function answered(call: (done: (error?: Error | null) => void) => void): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  call((error) => (error ? reject(error) : resolve()));
  return promise;
}
