/**
 * Sends one mail over one SMTP connection, and records the step it has come to. A server that has not been given the
 * text cannot have accepted the mail.
 */
import { Readable } from 'node:stream';
import { parseConnectionUrl } from 'nodemailer/lib/shared';
import SMTPConnection, { type SMTPEnvelope } from 'nodemailer/lib/smtp-connection';

export type Mail = { envelope: SMTPEnvelope; content: Buffer };

/** `greeting`: until signed in. `envelope`: sender and addressee. `text`: the server may have the whole mail. */
export type Step = 'greeting' | 'envelope' | 'text';

export class TransferError extends Error {
  readonly step: Step;
  /** The server's code, if its answer ended the transfer. */
  readonly responseCode: number | null;

  constructor(step: Step, cause: unknown) {
    super('the mail was not transferred', { cause });
    this.step = step;
    const code: unknown = cause instanceof Error && 'responseCode' in cause ? cause.responseCode : null;
    this.responseCode = typeof code === 'number' ? code : null;
  }
}

/** Bounds for each step. The caller's signal bounds the whole. */
const waits = { dnsTimeout: 5_000, connectionTimeout: 5_000, greetingTimeout: 5_000, socketTimeout: 10_000 };
const maxResponseSize = 65_536;

/** Rejects with `TransferError`. `url`: `smtp://user:password@host:port`, or `smtps://`. */
export const transfer = (url: string, mail: Mail, signal: AbortSignal): Promise<void> =>
  withSession(url, signal, (connection, state) => send(connection, mail, state));

/** Connects and signs in without sending. Rejects with `TransferError`. */
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
  // nodemailer reads the stream only once the server has asked for the text.
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
