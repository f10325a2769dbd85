/** The shape of an example in the OpenAPI document, and the ids that the examples share. */

export type Example = {
  /** Values of parameters in the path, the query and the headers, by name. */
  parameters?: Readonly<Record<string, string | number>>;
  body?: unknown;
  /** The body of each successful answer that has one, by status. */
  answers?: Readonly<Record<number, unknown>>;
};

/** By the call's `operationId`. */
export type Examples = Readonly<Record<string, Example>>;

export const ids = {
  rule: '01a22d54-1a33-7ae9-a56a-1348e92bad22',
  otherRule: '01a22d54-21f2-748f-8787-d1caec8f79c9',
  notification: '01a22d54-1c57-72c4-91b3-4ef6c4c9c813',
  recommendation: '01a22d54-1b62-7f95-8432-d2fc902a5a2e',
  anomaly: '01a22d54-1e04-7c02-9a0d-2b6f5d1c4e73',
  recurring: '01a22d54-1e04-7b61-8f0c-6d5c6b7a9d10',
  subscription: '01a22d54-26c7-7c00-a94d-80a525e6cb72',
  job: '01a22d54-1501-7c1e-9b7c-4b1f7ad01c55',
  source: '01a22d54-14d6-71dd-810a-cf67517ac78b',
  tenant: '01a22d54-1486-7e8f-bf19-3130fed364b7',
} as const;

/** The instant at which most of the examples take place. */
export const at = '2026-11-10T12:00:00Z';
