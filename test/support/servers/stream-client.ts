/** Clients of the live stream: one that shows every byte of a connection, and one that reconnects as browsers do. */
import { EventSource } from 'eventsource';

export type StreamEvent = { event: string; id: string; data: ReturnType<typeof JSON.parse> };

const streamPath = '/api/smart-alerts/stream';

/** One connection, read until the service or the test ends it. */
export class OpenStream {
  readonly status: number;
  readonly headers: Headers;
  /** Resolves when the service has ended the connection or the wire was cut. */
  readonly ended: Promise<void>;
  #text = '';
  readonly #leaving: AbortController;

  private constructor(response: Response, leaving: AbortController) {
    this.status = response.status;
    this.headers = response.headers;
    this.#leaving = leaving;
    this.ended = this.#read(response);
  }

  /** Resolves once the headers have arrived; rejects if `leaving` is aborted before. */
  static async open(
    url: string,
    credential: string,
    headers: Record<string, string> = {},
    leaving = new AbortController(),
  ) {
    const authorization = `Bearer ${credential}`;
    const response = await fetch(url + streamPath, {
      headers: { authorization, ...headers },
      signal: leaving.signal,
    });
    return new OpenStream(response, leaving);
  }

  /** Everything that has arrived, unparsed. */
  get text(): string {
    return this.#text;
  }

  /** The complete events so far, without comments. */
  get events(): StreamEvent[] {
    const blocks = this.#text.split('\n\n').slice(0, -1);
    return blocks.filter((block) => /^data:/m.test(block)).map(parseEvent);
  }

  get notifications(): StreamEvent[] {
    return this.events.filter(({ event }) => event === 'notification');
  }

  get spending(): StreamEvent['data'][] {
    return this.events.filter(({ event }) => event === 'spending').map(({ data }) => data);
  }

  async leave(): Promise<void> {
    this.#leaving.abort();
    await this.ended;
  }

  async #read({ body }: Response): Promise<void> {
    const decoder = new TextDecoder();
    try {
      for await (const chunk of body ?? []) this.#text += decoder.decode(chunk, { stream: true });
    } catch {
      // The connection was left or cut; the text so far stays.
    }
  }
}

function parseEvent(block: string): StreamEvent {
  const fields = new Map(
    block.split('\n').map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon), line.slice(colon + 1).trimStart()];
    }),
  );
  return {
    event: fields.get('event') ?? 'message',
    id: fields.get('id') ?? '',
    data: JSON.parse(fields.get('data') ?? 'null'),
  };
}

/** Reconnects after each loss to the next address, with the id of its last event. */
export class ReturningClient {
  readonly notifications: { id: string; data: { id: string } }[] = [];
  /** The `Last-Event-ID` of each connection that was accepted. */
  readonly resumedFrom: (string | null)[] = [];
  readonly #source: EventSource;

  constructor(addresses: readonly string[], token: string) {
    let tried = 0;
    this.#source = new EventSource(`http://stream${streamPath}`, {
      fetch: async (_, init) => {
        const headers = new Headers(init.headers);
        headers.set('authorization', `Bearer ${token}`);
        const address = addresses[tried++ % addresses.length] ?? '';
        const response = await fetch(new URL(streamPath, address), { ...init, headers });
        this.resumedFrom.push(headers.get('last-event-id'));
        return response;
      },
    });
    this.#source.addEventListener('notification', ({ lastEventId, data }) => {
      this.notifications.push({ id: lastEventId, data: JSON.parse(data) });
    });
  }

  /** Closes without a reconnect. */
  leave(): void {
    this.#source.close();
  }
}
