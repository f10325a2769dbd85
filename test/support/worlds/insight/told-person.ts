/** A person who lives with their expenses and budgets, and all that the service tells them. */
import { profilesRebuilt, Shopper } from '../shopper.ts';
import type { Life } from './hand-made-people.ts';
import type { TestService } from '../../servers/service.ts';

/**
 * Each list is complete. `told`: messages of the notifications. `listed`: anomalies without a notification, as they were
 * found too late. `recurring` and `forecasts` have the figures in short.
 */
export type Told = {
  recurring: string[];
  told: string[];
  listed: string[];
  advice: string[];
  forecasts: string[];
};

export const nothing: Told = { recurring: [], told: [], listed: [], advice: [], forecasts: [] };

const anomalyDays = 400;

export class ToldPerson {
  readonly #service: TestService;
  readonly #shopper: Shopper;
  readonly #life: Life;
  readonly #rules: string[] = [];

  private constructor(service: TestService, shopper: Shopper, life: Life) {
    this.#service = service;
    this.#shopper = shopper;
    this.#life = life;
  }

  /** By name. Everybody's expenses are posted side by side, and then everybody's budgets. */
  static async live(
    service: TestService,
    lives: Readonly<Record<string, Life>>,
  ): Promise<Map<string, ToldPerson>> {
    const people = new Map<string, ToldPerson>();
    for (const [name, life] of Object.entries(lives))
      people.set(name, new ToldPerson(service, await Shopper.arrives(service), life));
    const everybody = [...people.values()];
    await Promise.all(everybody.map((person) => person.#shopper.posts(...person.#life.spends)));
    await profilesRebuilt(service.sql);
    // Another rebuild may follow at once.
    service.clock.advance({ seconds: 6 });
    await Promise.all(everybody.map((person) => person.#watch()));
    await profilesRebuilt(service.sql);
    await service.settled();
    return people;
  }

  async #watch(): Promise<void> {
    for (const budgetAmount of this.#life.budgets ?? []) {
      const rule = { name: 'Month', budgetAmount, channels: ['in-app'] };
      const { body } = await this.#service.post('/api/smart-alerts/rules', rule, this.#shopper.token);
      this.#rules.push(body.data.id);
    }
  }

  async hears(): Promise<Told> {
    const anomalies = await this.#read(`anomalies?days=${anomalyDays}`);
    const notifications = await this.#read('notifications');
    const recurring = await this.#read('recurring');
    const advice = await this.#shopper.recommendations();
    const forecasts = await Promise.all(this.#rules.map((id) => this.#read(`rules/${id}/forecast`)));
    return {
      recurring: recurring.map(recurringText).toSorted(),
      told: notifications.map(({ message }: { message: string }) => message).toSorted(),
      listed: anomalies
        .filter((each: object) => !('notificationId' in each))
        .map(reasonOf)
        .toSorted(),
      advice: advice.map(adviceText),
      forecasts: forecasts.map(forecastText),
    };
  }

  async #read(path: string) {
    return (await this.#service.get(`/api/smart-alerts/${path}`, this.#shopper.token)).body.data;
  }
}

const reasonOf = ({ reason }: { reason: string }): string => reason;

type Recurring = {
  merchant: string;
  cadence: string;
  amount: string;
  changePct: number | null;
  status: string;
  nextDate: string | null;
};

/** `Streamflix monthly 9.99 +20 %, active, next 2027-02-10`. */
function recurringText({ merchant, cadence, amount, changePct, status, nextDate }: Recurring): string {
  const change =
    changePct === null ? ' varies' : changePct === 0 ? '' : ` ${changePct > 0 ? '+' : ''}${changePct} %`;
  return `${merchant} ${cadence} ${amount}${change}, ${status}${nextDate === null ? '' : `, next ${nextDate}`}`;
}

type Advice = { title: string; description: string; actionItems: string[] };

const adviceText = ({ title, description, actionItems }: Advice): string =>
  [`${title}.`, description, ...actionItems].join(' ');

type Forecast = {
  budget: string;
  expected: { p10: string; p90: string };
  onPace: boolean;
  upcoming: { merchant: string; amount: string; date: string }[];
};

/** `1040.00 to 1110.00 of 1250.00, on pace, with Hill Homes 900.00 on 2027-01-28`. */
function forecastText({ budget, expected: { p10, p90 }, onPace, upcoming }: Forecast): string {
  const bills = upcoming.map(({ merchant, amount, date }) => `, with ${merchant} ${amount} on ${date}`);
  return `${p10} to ${p90} of ${budget}, ${onPace ? 'on pace' : 'not on pace'}${bills.join('')}`;
}
