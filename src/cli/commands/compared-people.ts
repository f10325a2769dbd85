/** Says whose spending counts in a tenant's comparisons. */
export const comparedPeople = {
  'opt-out': 'all people but those who opt out',
  'opt-in': 'those people who opt in',
} as const;
