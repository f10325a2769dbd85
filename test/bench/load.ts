/** Puts load on a URL: a number of connections, one request at a time on each, for a number of seconds. */
import autocannon from 'autocannon';

export type Load = {
  requestsPerSecond: number;
  p50Ms: number;
  p99Ms: number;
  accepted: number;
  /** Anything but 2xx. */
  refused: number;
};

const connections = 64;

export async function load(options: {
  url: string;
  seconds: number;
  headers?: Record<string, string>;
  body: () => string;
  /** As many as it can take, unless said. */
  eventsPerSecond?: number;
}): Promise<Load> {
  const result = await autocannon({
    url: options.url,
    connections,
    duration: options.seconds,
    ...(options.eventsPerSecond ? { overallRate: options.eventsPerSecond } : {}),
    method: 'POST',
    headers: { 'content-type': 'application/json', ...options.headers },
    requests: [{ setupRequest: (request) => ({ ...request, body: options.body() }) }],
  });
  return {
    requestsPerSecond: result.requests.average,
    p50Ms: result.latency.p50,
    p99Ms: result.latency.p99,
    accepted: result['2xx'],
    refused: result.non2xx + result.errors,
  };
}
