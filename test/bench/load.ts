/** Loads a URL for some seconds, over 64 connections unless said otherwise, with one request at a time on each. */
import autocannon from 'autocannon';

export type Load = {
  requestsPerSecond: number;
  p50Ms: number;
  p99Ms: number;
  accepted: number;
  /** Answers other than 2xx, and errors. */
  refused: number;
};

const defaultConnections = 64;

export async function load(options: {
  url: string;
  seconds: number;
  headers?: Record<string, string>;
  body: () => string;
  connections?: number;
}): Promise<Load> {
  const result = await autocannon({
    url: options.url,
    connections: options.connections ?? defaultConnections,
    duration: options.seconds,
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
