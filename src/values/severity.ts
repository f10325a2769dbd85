/** The severities of alerts, in ascending order. */
export const severities = ['info', 'warning', 'danger', 'critical'] as const;
export type Severity = (typeof severities)[number];

/** A level goes by actual spending, or by the forecast of its period's end. */
export const bases = ['actual', 'forecast'] as const;
export type Basis = (typeof bases)[number];

/** A level of a rule and its severity. `percent`: of the budget, a positive integer. Stored as JSON. */
export type Threshold = { percent: number; severity: Severity };

/** The highest severity of the items; `info` if there are none. */
export const highestSeverity = (items: readonly { severity: Severity }[]): Severity =>
  severities[Math.max(0, ...items.map(({ severity }) => severities.indexOf(severity)))] ?? 'info';
