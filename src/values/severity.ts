/** The severities of alerts, in ascending order. */
export const severities = ['info', 'warning', 'danger', 'critical'] as const;
export type Severity = (typeof severities)[number];

/** A level of a rule and its severity. `percent`: of the budget, a positive integer. Stored as JSON. */
export type Threshold = { percent: number; severity: Severity };

/** The highest severity of the items; `info` if there are none. */
export const highestSeverity = (items: readonly { severity: Severity }[]): Severity =>
  severities[Math.max(0, ...items.map(({ severity }) => severities.indexOf(severity)))] ?? 'info';
