/**
 * The demo's mail server: accepts the service's mails by SMTP and writes each to an HTML file. Nothing leaves the
 * machine.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import PostalMime from 'postal-mime';
import { SMTPServer, type SMTPServerDataStream } from 'smtp-server';

/** `file`: the HTML file of the mail. */
export type Mail = { to: string; subject: string; file: string };

export type Mailbox = {
  /** A value for the setting SMTP_URL. */
  url: string;
  /** Calls `listener` for each mail that arrives. It replaces an earlier listener. */
  onMail(listener: (mail: Mail) => void): void;
  close(): Promise<void>;
};

const host = '127.0.0.1';

/** Listens on a free port of this machine. `list` gets every mail. */
export async function openMailbox(
  folder: string,
  list: (mail: Mail) => void = () => undefined,
): Promise<Mailbox> {
  await mkdir(folder, { recursive: true });
  let notify: (mail: Mail) => void = () => undefined;
  const server = new SMTPServer({
    disabledCommands: ['AUTH', 'STARTTLS'],
    logger: false,
    onData: (stream, _session, answer) => {
      keep(stream, folder).then(
        (mail) => {
          list(mail);
          notify(mail);
          answer();
        },
        (error: unknown) => answer(error instanceof Error ? error : new Error(String(error))),
      );
    },
  });
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const listening = server.listen(0, host, resolve);
  server.once('error', reject);
  await promise;
  // A server that listens on a TCP port has an `AddressInfo`.
  const { port } = listening.address() as AddressInfo;
  return {
    url: `smtp://${host}:${port}`,
    onMail: (listener) => {
      notify = listener;
    },
    close: () => new Promise((resolve) => server.close(resolve)),
  };
}

/** Writes the mail to a file. A mail sent twice has the same Message-ID, so it is kept once. */
async function keep(stream: SMTPServerDataStream, folder: string): Promise<Mail> {
  const mail = await PostalMime.parse(await buffer(stream));
  const name = (mail.messageId ?? 'mail').replaceAll(/[^\w.-]/g, '').slice(0, 120);
  const file = path.join(folder, `${name}.html`);
  await writeFile(file, mail.html ?? '');
  return { to: mail.to?.[0]?.address ?? '', subject: mail.subject ?? '', file };
}
