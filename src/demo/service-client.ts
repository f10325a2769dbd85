/** The demo's client of the service: over HTTP, with the credentials of an ordinary caller. */
import type { PlannedRule, PostedEvent, ReplayCategory, ReplayPerson } from './replay.ts';

export type Posted = {
  accepted: number;
  duplicates: number;
  rejected: { index: number; id: string; code: string; message: string }[];
};

export class ServiceClient {
  readonly #url: string;

  constructor(url: string) {
    this.#url = url;
  }

  /** Throws if any event is rejected, because the demo's events are all valid. */
  async postEvents(apiKey: string, events: readonly PostedEvent[]): Promise<Posted> {
    // The type is the API's for 202.
    const posted = (await this.#call('POST', '/api/events', apiKey, events)) as Posted;
    const [first] = posted.rejected;
    if (first) throw new Error(`the service refused event ${first.id}: ${first.message}`);
    return posted;
  }

  async putUser(adminKey: string, { userId, settings }: ReplayPerson): Promise<void> {
    await this.#call('PUT', `/api/users/${encodeURIComponent(userId)}`, adminKey, settings);
  }

  async putCategory(adminKey: string, { categoryId, name }: ReplayCategory): Promise<void> {
    await this.#call('PUT', `/api/categories/${encodeURIComponent(categoryId)}`, adminKey, { name });
  }

  async putPreferences(token: string, preferences: ReplayPerson['preferences']): Promise<void> {
    await this.#call('PUT', '/api/smart-alerts/preferences', token, preferences);
  }

  /** The names of all rules of the token's person. */
  async listRuleNames(token: string): Promise<Set<string>> {
    const names = new Set<string>();
    let cursor: string | undefined;
    do {
      const from: string = cursor === undefined ? '' : `&cursor=${encodeURIComponent(cursor)}`;
      // The type is the API's for lists.
      const page = (await this.#call('GET', `/api/smart-alerts/rules?limit=200${from}`, token)) as RulePage;
      for (const { name } of page.data) names.add(name);
      cursor = page.nextCursor;
    } while (cursor !== undefined);
    return names;
  }

  async createRule(token: string, rule: PlannedRule['body']): Promise<void> {
    await this.#call('POST', '/api/smart-alerts/rules', token, rule);
  }

  /** `path`: below `/api/smart-alerts`. Returns the `data` of the response. */
  async read(token: string, path: string): Promise<unknown> {
    // Every API call that reads one thing responds with `data`.
    const { data } = (await this.#call('GET', `/api/smart-alerts${path}`, token)) as { data: unknown };
    return data;
  }

  async #call(method: string, path: string, credential: string, body?: unknown): Promise<unknown> {
    const response = await fetch(this.#url + path, {
      method,
      headers: {
        authorization: `Bearer ${credential}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${text}`);
    return text === '' ? undefined : JSON.parse(text);
  }
}

type RulePage = { data: { name: string }[]; nextCursor?: string };
