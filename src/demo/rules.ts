/** Creates the people's rules, each with its person's token. A rule that exists under its name stays unchanged. */
import type { Services } from '../services.ts';
import type { Progress } from '../cli/progress.ts';
import type { PlannedRule } from './replay.ts';
import { forEachAtOnce } from './at-once.ts';
import type { ServiceClient } from './service-client.ts';

/** Fewer than the service's ten database connections. */
const peopleAtOnce = 8;

export type TokenOf = (userId: string) => Promise<string>;

const tokenSeconds = 24 * 60 * 60;

export const tokensFrom =
  ({ tokens }: Pick<Services, 'tokens'>, tenantId: string): TokenOf =>
  async (userId) => {
    const signed = await tokens.sign({ tenantId, userId, role: 'member', ttlSeconds: tokenSeconds });
    if (!signed) throw new Error('the demo signs its own tokens: it must not be given a JWKS_URL');
    return signed.token;
  };

export async function createRules(
  client: ServiceClient,
  tokenOf: TokenOf,
  rules: readonly PlannedRule[],
  { progress, signal }: { progress: Progress; signal: AbortSignal },
): Promise<void> {
  let done = 0;
  await forEachAtOnce(
    peopleAtOnce,
    Map.groupBy(rules, ({ userId }) => userId),
    async ([userId, planned]) => {
      signal.throwIfAborted();
      const token = await tokenOf(userId);
      const known = await client.listRuleNames(token);
      for (const { body } of planned) {
        if (!known.has(body.name)) await client.createRule(token, body);
        progress.update((done += 1));
      }
    },
  );
}
