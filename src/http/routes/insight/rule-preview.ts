/** The route that says what a rule would have done on a person's own past. */
import type { FastifyPluginAsync } from 'fastify';
import { Type } from 'typebox';
import { readRuleDefaults } from '../../../alerts/rules/read-rule-defaults.ts';
import { type PreviewDraft, previewRule, TooManyExpenses } from '../../../notify/preview/preview-rule.ts';
import type { Channel } from '../../../values/channels.ts';
import { localDay } from '../../../values/period.ts';
import { personKey, type PersonRef } from '../../../values/refs.ts';
import type { HttpDependencies } from '../../dependencies.ts';
import { checkWithin, invalidField, problems, tooManyRequests } from '../../errors/problem.ts';
import { categoriesOf, readDraft } from '../../schemas/rule-changes.ts';
import type { RuleBody } from '../../schemas/rule.ts';
import {
  previewBody,
  type PreviewBody,
  previewSchema,
  previewView,
  usualDays,
} from '../../schemas/rule-preview.ts';

export const rulePreviewRoutes =
  (deps: HttpDependencies): FastifyPluginAsync =>
  async (app) => {
    const configured = configuredChannels(deps);
    const running = new Set<string>();
    app.post<{ Body: PreviewBody }>('/rules/preview', {
      schema: postPreview,
      handler: async ({ person, body: { rule, days = usualDays } }) => {
        const work = async () => {
          const draft = await readRule(deps, person, rule);
          const preview = await previewRule(deps.db, person, { draft, days, configured }, deps.clock.now());
          return { data: previewView(preview, { currency: draft.currency, days }) };
        };
        return alone(running, personKey(person), work);
      },
    });
  };

const configuredChannels = ({ config: { mail, sms, push } }: HttpDependencies): ReadonlySet<Channel> =>
  new Set<Channel>([
    'in-app',
    ...(mail ? ['email' as const] : []),
    ...(sms ? ['sms' as const] : []),
    ...(push ? ['push' as const] : []),
  ]);

async function readRule(
  { db, clock }: HttpDependencies,
  { tenantId }: PersonRef,
  rule: RuleBody,
): Promise<PreviewDraft> {
  const defaults = await db.transaction([tenantId], (sql) =>
    readRuleDefaults(sql, tenantId, categoriesOf(rule)),
  );
  return checkWithin('/rule', () => readDraft(rule, defaults, localDay(clock.now(), 'UTC')));
}

/** A replay takes CPU of the process, so each person has one at a time in it. */
async function alone<T>(running: Set<string>, key: string, work: () => Promise<T>): Promise<T> {
  if (running.has(key)) throw tooManyRequests('One preview of a person is made at a time.', 1);
  running.add(key);
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof TooManyExpenses)) throw error;
    const limit = error.most.toLocaleString('en');
    throw invalidField('/days', `must span fewer days: there are more than ${limit} expenses in them`);
  } finally {
    running.delete(key);
  }
}

const postPreview = {
  tags: ['Rules'],
  security: [{ userToken: [] }],
  operationId: 'previewRule',
  summary: 'Preview a rule',
  description:
    'What the rule would have done on the person’s own past; nothing is stored. It takes expenses as they are now, each arriving when it was spent, and begins with the period that holds the first of the `days`. The rule is alone in it, with the person’s time zone, quiet hours, quota, channels and addresses of now. Snoozes of now are left out, and alerts do not wait for others. Forecasts and pace look only at what lay before each day. One preview of a person is made at a time; another is 429.',
  body: previewBody,
  response: {
    200: Type.Object({ data: previewSchema }, { description: 'The replay, oldest first.' }),
    ...problems(400, 401, 429),
  },
};
