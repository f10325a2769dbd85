/** A real SMTP server that keeps the mails it takes, behind a wire that can be cut, and misbehaves when told to. */
import { once } from 'node:events';
import { SMTPServer, type SMTPServerDataStream } from 'smtp-server';
import { Proxy } from './proxy.ts';

export type Mail = {
  from: string;
  to: string[];
  /** By their names in lower case, unfolded. */
  headers: Record<string, string>;
  raw: string;
};

/** `taken`: a step's whole answer. Resolves when the server is to go on; rejects with its refusal. */
type Behaviour = {
  onAddressee?: (address: string) => Promise<void>;
  /** The mail is taken by now; what follows is the answer. */
  onTaken?: (mail: Mail) => Promise<void>;
};

export class MailServer {
  readonly mails: Mail[] = [];
  behaviour: Behaviour = {};
  /** User and password of whoever signed in, if anybody did. */
  readonly signedIn: string[] = [];
  readonly wire: Proxy;
  readonly #server: SMTPServer;
  readonly #direct: string;

  private constructor(server: SMTPServer, direct: string, wire: Proxy) {
    this.#server = server;
    this.#direct = direct;
    this.wire = wire;
  }

  /** Signing in is as one likes. With TLS it has a certificate that nobody vouches for. */
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
    // A connection that is cut is what some tests are about.
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
    const mail = { from, to: rcptTo.map(({ address }) => address), headers: headersOf(raw), raw };
    this.mails.push(mail);
    await this.behaviour.onTaken?.(mail);
  }
}

/** As an SMTP answer: a 550, a 451. */
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

function headersOf(raw: string): Record<string, string> {
  const [head = ''] = raw.split('\r\n\r\n', 1);
  const lines = head.replaceAll(/\r\n[ \t]+/g, ' ').split('\r\n');
  return Object.fromEntries(
    lines.map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
}
