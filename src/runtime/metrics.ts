/** The service's Prometheus metrics: one registry per process; every name begins with `spendwatch_`. */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

export type Metrics = ReturnType<typeof createMetrics>;

export function createMetrics() {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry, prefix: 'spendwatch_' });
  return { registry, ...workMetrics(registers), ...deliveryMetrics(registers), ...httpMetrics(registers) };
}

const workMetrics = (registers: Registry[]) => ({
  events: new Counter({
    name: 'spendwatch_events_total',
    help: 'Events received, by what became of them.',
    labelNames: ['result'] as const,
    registers,
  }),
  decisions: new Counter({
    name: 'spendwatch_alert_decisions_total',
    help: 'Alert decisions, by outcome.',
    labelNames: ['outcome'] as const,
    registers,
  }),
  jobSeconds: new Histogram({
    name: 'spendwatch_job_duration_seconds',
    help: 'Time to handle a job, by queue and outcome.',
    labelNames: ['queue', 'outcome'] as const,
    buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 30],
    registers,
  }),
  appliedSeconds: new Histogram({
    name: 'spendwatch_event_applied_seconds',
    help: 'Time from an event being durable to its decisions being readable.',
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 30],
    registers,
  }),
});

const deliveryMetrics = (registers: Registry[]) => ({
  deliveries: new Counter({
    name: 'spendwatch_deliveries_total',
    help: 'Delivery attempts, by channel and status.',
    labelNames: ['channel', 'status'] as const,
    registers,
  }),
  smsSegments: new Histogram({
    name: 'spendwatch_sms_segments',
    help: 'Parts that a sent SMS was billed as.',
    buckets: [1, 2, 3, 5],
    registers,
  }),
});

const httpMetrics = (registers: Registry[]) => ({
  requestSeconds: new Histogram({
    name: 'spendwatch_http_request_duration_seconds',
    help: 'Time to answer a request, by route and status.',
    labelNames: ['method', 'route', 'status'] as const,
    buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5],
    registers,
  }),
  streams: new Gauge({
    name: 'spendwatch_streams',
    help: 'Live streams that are open in this process.',
    registers,
  }),
  cacheRequests: new Counter({
    name: 'spendwatch_cache_requests_total',
    help: 'Answers that a cache was asked for; a hit is one that was found and still held.',
    labelNames: ['cache', 'result'] as const,
    registers,
  }),
});
