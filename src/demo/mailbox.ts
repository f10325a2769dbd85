/**
 * The demo's mail server: takes what the service sends by SMTP, and keeps each mail as a page to open. Nothing
 * leaves the machine.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import PostalMime from 'postal-mime';
import { SMTPServer, type SMTPServerDataStream } from 'smtp-server';

/** `file`: the page that was kept of it. */
export type Mail = { to: string; subject: string; file: string };

export type Mailbox = {
  /** As the setting SMTP_URL takes it. */
  url: string;
  folder: string;
  /** Replaces whoever was told before of each mail as it arrives. */
  onMail(listener: (mail: Mail) => void): void;
  close(): Promise<void>;
};

const host = '127.0.0.1';

/** Listens on a free port of this machine. */
export async function openMailbox(folder: string): Promise<Mailbox> {
  await mkdir(folder, { recursive: true });
  let tell: (mail: Mail) => void = () => undefined;
  const server = new SMTPServer({
    disabledCommands: ['AUTH', 'STARTTLS'],
    logger: false,
    onData: (stream, _session, answer) => {
      keep(stream, folder).then(
        (mail) => {
          tell(mail);
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
  // Of a server that listens on a port, the address is one.
  const { port } = listening.address() as AddressInfo;
  return {
    url: `smtp://${host}:${port}`,
    folder,
    onMail: (listener) => {
      tell = listener;
    },
    close: () => new Promise((resolve) => server.close(resolve)),
  };
}

/** A mail sent twice has the same Message-ID, and is kept once. */
async function keep(stream: SMTPServerDataStream, folder: string): Promise<Mail> {
  const mail = await PostalMime.parse(await buffer(stream));
  const name = (mail.messageId ?? 'mail').replaceAll(/[^\w.-]/g, '').slice(0, 120);
  const file = path.join(folder, `${name}.html`);
  await writeFile(file, mail.html ?? '');
  return { to: mail.to?.[0]?.address ?? '', subject: mail.subject ?? '', file };
}
