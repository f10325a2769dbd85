/** How much an alert matters, in ascending order. */
export const severities = ['info', 'warning', 'danger', 'critical'] as const;
export type Severity = (typeof severities)[number];

/** A level of a rule and how much it matters. `percent`: of the budget, a positive integer. Kept as JSON. */
export type Threshold = { percent: number; severity: Severity };

/** The highest severity of several; `info` for none. */
export const highestSeverity = (items: readonly { severity: Severity }[]): Severity =>
  severities[Math.max(0, ...items.map(({ severity }) => severities.indexOf(severity)))] ?? 'info';
