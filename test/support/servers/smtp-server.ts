/** A real SMTP server that keeps the mails it accepts, behind a wire that can be cut; a test can make it fail. */
import { once } from 'node:events';
import { SMTPServer, type SMTPServerDataStream } from 'smtp-server';
import { Proxy } from './proxy.ts';

export type Mail = {
  from: string;
  to: string[];
  /** Unfolded, by their names in lower case. */
  headers: Record<string, string>;
  raw: string;
};

/** Steps that a test can replace. A step resolves to let the server go on, and rejects with the refusal. */
type Behaviour = {
  onAddressee?: (address: string) => Promise<void>;
  /** Runs after the mail is stored and before the answer. */
  onTaken?: (mail: Mail) => Promise<void>;
};

export class MailServer {
  readonly mails: Mail[] = [];
  behaviour: Behaviour = {};
  /** User and password of each login. */
  readonly signedIn: string[] = [];
  readonly wire: Proxy;
  readonly #server: SMTPServer;
  readonly #direct: string;

  private constructor(server: SMTPServer, direct: string, wire: Proxy) {
    this.#server = server;
    this.#direct = direct;
    this.wire = wire;
  }

  /** A login is optional. With TLS the server has a certificate that no authority has signed. */
  static async start({ offersTls = false } = {}): Promise<MailServer> {
    const holder: { mails?: MailServer } = {};
    const own = (): MailServer => {
      if (!holder.mails) throw new Error('not started yet');
      return holder.mails;
    };
    const server = new SMTPServer({
      authOptional: true,
      hideSTARTTLS: !offersTls,
      allowInsecureAuth: true,
      disableReverseLookup: true,
      onAuth: ({ username = '', password = '' }, _session, done) => {
        own().signedIn.push(`${username}:${password}`);
        done(null, { user: username });
      },
      onRcptTo: ({ address }, _session, done) => void answer(own().behaviour.onAddressee?.(address), done),
      onData: (stream, { envelope }, done) => void answer(own().#take(stream, envelope), done),
    });
    // Some tests cut connections on purpose.
    server.on('error', () => undefined);
    const listening = server.listen(0, '127.0.0.1');
    await once(listening, 'listening');
    const address = listening.address();
    const port = address !== null && typeof address !== 'string' ? address.port : 0;
    const direct = `smtp://127.0.0.1:${port}`;
    holder.mails = new MailServer(server, direct, await Proxy.start(direct));
    return holder.mails;
  }

  get url(): string {
    return this.wire.through(this.#direct);
  }

  /** Resolves when a client has left. */
  async nextLeaving(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#server.onClose = () => resolve();
    });
  }

  async stop(): Promise<void> {
    await this.wire.cut();
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
  }

  async #take(
    stream: SMTPServerDataStream,
    { mailFrom, rcptTo }: { mailFrom: false | { address: string }; rcptTo: { address: string }[] },
  ): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of stream) chunks.push(Buffer.from(chunk));
    const raw = Buffer.concat(chunks).toString('utf8');
    const from = mailFrom ? mailFrom.address : '';
    const mail = { from, to: rcptTo.map(({ address }) => address), headers: parseHeaders(raw), raw };
    this.mails.push(mail);
    await this.behaviour.onTaken?.(mail);
  }
}

/** An SMTP refusal with a code such as 550 or 451. */
export const smtpRefusal = (responseCode: number): Error =>
  Object.assign(new Error('as the test wants it'), { responseCode });

async function answer(work: Promise<void> | undefined, done: (error?: Error | null) => void): Promise<void> {
  try {
    await work;
    done();
  } catch (error) {
    done(error instanceof Error ? error : new Error(String(error)));
  }
}

function parseHeaders(raw: string): Record<string, string> {
  const [head = ''] = raw.split('\r\n\r\n', 1);
  const lines = head.replaceAll(/\r\n[ \t]+/g, ' ').split('\r\n');
  return Object.fromEntries(
    lines.map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
}
