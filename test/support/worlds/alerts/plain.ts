/** Facts of an expense that says nothing of kind, state and merchant. */
export const plain = { kind: 'purchase', status: 'posted', merchantRef: null, mcc: null } as const;
