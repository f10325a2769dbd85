/** The types of anomalies, as named in the API and the tables, and a person's choices among them. */
export const anomalyTypes = [
  'unusual_amount',
  'duplicate_charge',
  'price_increase',
  'missed_charge',
  'new_recurring',
] as const;
export type AnomalyType = (typeof anomalyTypes)[number];

/** Types that the person switched off are `false`. A type that is left out is on. */
export type AnomalyChoices = Partial<Record<AnomalyType, boolean>>;

/** Every type, with whether the person leaves it on. */
export const chosenAnomalies = (choices: AnomalyChoices | null): Record<AnomalyType, boolean> => {
  const isOn = (type: AnomalyType) => choices?.[type] ?? true;
  return {
    unusual_amount: isOn('unusual_amount'),
    duplicate_charge: isOn('duplicate_charge'),
    price_increase: isOn('price_increase'),
    missed_charge: isOn('missed_charge'),
    new_recurring: isOn('new_recurring'),
  };
};
