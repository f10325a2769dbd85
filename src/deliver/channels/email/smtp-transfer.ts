/**
 * Transfers mails to one SMTP server, and records the step each has come to. A server that has not been given the text
 * cannot have accepted the mail. Sessions are kept open for a few seconds, because signing in takes longer than a mail.
 */
import { Readable } from 'node:stream';
import { isLoopback } from '../../../runtime/config/secrets.ts';
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

/** Servers end a session that is idle for long, or that has brought many mails. */
const kept = { idleMs: 5_000, mails: 100 };

/** "Service not available, closing transmission channel" */
export const closing = 421;

export class SmtpServer {
  readonly #url: string;
  readonly #idle: Session[] = [];

  /** `url`: `smtp://user:password@host:port`, or `smtps://`. */
  constructor(url: string) {
    this.#url = url;
  }

  /** Rejects with `TransferError`. */
  async transfer(mail: Mail, signal: AbortSignal): Promise<void> {
    const session = this.#idle.pop();
    if (!session) return this.#transferAnew(mail, signal);
    try {
      await this.#transferIn(session, mail, signal);
    } catch (error) {
      if (signal.aborted || !isEnded(error)) throw error;
      await this.#transferAnew(mail, signal);
    }
  }

  /** Ends the sessions that are kept. */
  close(): void {
    for (const session of this.#idle.splice(0)) session.end();
  }

  async #transferAnew(mail: Mail, signal: AbortSignal): Promise<void> {
    await this.#transferIn(await Session.open(this.#url, signal), mail, signal);
  }

  async #transferIn(session: Session, mail: Mail, signal: AbortSignal): Promise<void> {
    await session.send(mail, signal);
    if (session.mails >= kept.mails) session.end();
    else this.#keep(session);
  }

  #keep(session: Session): void {
    this.#idle.push(session);
    session.rest(kept.idleMs, () => {
      const index = this.#idle.indexOf(session);
      if (index !== -1) this.#idle.splice(index, 1);
    });
  }
}

/** The server ended the session while it was kept, so it was not given this mail. */
const isEnded = (error: unknown): boolean =>
  error instanceof TransferError &&
  error.step === 'envelope' &&
  (error.responseCode === null || error.responseCode === closing);

/** Connects and signs in without sending. Rejects with `TransferError`. */
export async function trySignIn(url: string, signal: AbortSignal): Promise<void> {
  const session = await Session.open(url, signal);
  session.end();
}

/** A connection on which the service has signed in. */
class Session {
  /** Mails that were sent. */
  mails = 0;
  readonly #connection: SMTPConnection;
  readonly #broken = Promise.withResolvers<never>();
  #onRested: (() => void) | null = null;
  #timer: NodeJS.Timeout | undefined;

  private constructor(connection: SMTPConnection) {
    this.#connection = connection;
    // Between two mails nobody waits for it.
    this.#broken.promise.catch(() => undefined);
    connection.on('error', (error) => this.#lose(error));
    connection.on('end', () => this.#lose(new Error('the server ended the session')));
  }

  static async open(url: string, signal: AbortSignal): Promise<Session> {
    const { auth, ...server } = parseConnectionUrl(url);
    // Without TLS everybody on the way could read user and password.
    const requireTLS = auth !== undefined && !isLoopback(String(server.host));
    const session = new Session(
      new SMTPConnection({ ...server, ...(requireTLS ? { requireTLS } : {}), ...waits, maxResponseSize }),
    );
    await session.#attempt({ step: 'greeting' }, signal, async (connection) => {
      await answered((done) => connection.connect(done));
      if (auth) await answered((done) => connection.login(auth, done));
    });
    return session;
  }

  async send({ envelope, content }: Mail, signal: AbortSignal): Promise<void> {
    this.#wake();
    const state: { step: Step } = { step: 'envelope' };
    // nodemailer reads the stream only once the server has asked for the text.
    const text = Readable.from(
      (function* () {
        state.step = 'text';
        yield content;
      })(),
    );
    await this.#attempt(state, signal, (connection) =>
      answered((done) => connection.send({ ...envelope, size: content.length }, text, done)),
    );
    this.mails += 1;
  }

  /** Waits for the next mail, for at most `ms`. `onRested` is called if the session ends before. */
  rest(ms: number, onRested: () => void): void {
    this.#onRested = onRested;
    this.#timer = setTimeout(() => this.end(), ms);
  }

  end(): void {
    this.#onRested?.();
    this.#wake();
    this.#connection.quit();
  }

  #wake(): void {
    clearTimeout(this.#timer);
    this.#onRested = null;
  }

  #lose(error: unknown): void {
    this.#onRested?.();
    this.#wake();
    this.#broken.reject(error);
  }

  async #attempt(
    state: { step: Step },
    signal: AbortSignal,
    act: (connection: SMTPConnection) => Promise<void>,
  ): Promise<void> {
    const givenUp = Promise.withResolvers<never>();
    const giveUp = () => givenUp.reject(signal.reason);
    signal.addEventListener('abort', giveUp, { once: true });
    try {
      if (signal.aborted) giveUp();
      await Promise.race([this.#broken.promise, givenUp.promise, act(this.#connection)]);
    } catch (error) {
      this.#connection.close();
      throw new TransferError(state.step, error);
    } finally {
      signal.removeEventListener('abort', giveUp);
    }
  }
}

function answered(call: (done: (error?: Error | null) => void) => void): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  call((error) => (error ? reject(error) : resolve()));
  return promise;
}
