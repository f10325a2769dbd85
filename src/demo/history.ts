/** Posts the months before the live one in large arrays, a few requests at a time. */
import type { Progress } from '../cli/progress.ts';
import { forEachAtOnce } from './at-once.ts';
import type { PostedEvent } from './replay.ts';
import type { ServiceClient } from './service-client.ts';

const eventsPerRequest = 1000;
const requestsAtOnce = 3;

export async function postHistory(
  client: ServiceClient,
  apiKey: string,
  events: Iterable<PostedEvent>,
  { progress, signal }: { progress: Progress; signal: AbortSignal },
): Promise<void> {
  let done = 0;
  await forEachAtOnce(requestsAtOnce, chunks(events, eventsPerRequest), async (page) => {
    signal.throwIfAborted();
    await client.postEvents(apiKey, page);
    progress.update((done += page.length), 'events');
  });
}

function* chunks<T>(items: Iterable<T>, size: number): Generator<T[]> {
  let chunk: T[] = [];
  for (const item of items) {
    chunk.push(item);
    if (chunk.length < size) continue;
    yield chunk;
    chunk = [];
  }
  if (chunk.length > 0) yield chunk;
}
