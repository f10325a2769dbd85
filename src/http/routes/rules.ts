/** Routes for people to manage their budget rules, and to read why a level was or was not notified. */
import type { FastifyPluginAsync, FastifyRequest } from 'fastify';
import { type Static, Type } from 'typebox';
import type { Sql } from '../../runtime/database/database.ts';
import { changeRule } from '../../settings/change-rule.ts';
import { createRule } from '../../alerts/rules/create-rule.ts';
import { listDecisions } from '../../alerts/rules/list-decisions.ts';
import { readRuleDefaults } from '../../alerts/rules/read-rule-defaults.ts';
import type { RuleProgress } from '../../alerts/rules/read-progress.ts';
import { readTimezone } from '../../accounts/people.ts';
import type { Evaluated } from '../../alerts/evaluate/write-evaluations.ts';
import type { Rule } from '../../alerts/decide/rule.ts';
import { localDay } from '../../values/period.ts';
import { parseRuleSnooze, ruleSnoozeInstant } from '../../values/snooze.ts';
import type { CachedRules } from '../cached/cached-rules.ts';
import type { HttpDependencies } from '../dependencies.ts';
import { followEvaluation } from '../follow-evaluation.ts';
import { announceSpending } from '../../alerts/spending/announce-spending.ts';
import { personKey } from '../../values/refs.ts';
import { afterOf, cursorKeyOf } from '../lists/cursor.ts';
import { pageOf, pageQuery, pageSchema, readCursor } from '../lists/pagination.ts';
import { invalidField, notFound, problems } from '../errors/problem.ts';
import { decisionSchema, decisionView } from '../schemas/decision.ts';
import {
  type RuleBody,
  ruleBody,
  type RuleChanges,
  ruleChanges,
  ruleParams,
  ruleSchema,
  ruleView,
} from '../schemas/rule.ts';
import { categoriesOf, readChanges, readDraft } from '../schemas/rule-changes.ts';
import { identifier } from '../schemas/text.ts';

const tags = ['Rules'];
const security = [{ userToken: [] }];

type Params = Static<typeof ruleParams>;
type PageQuery = Static<typeof pageOnly>;
type ListQuery = Static<typeof listQuery>;

export function ruleRoutes(dependencies: HttpDependencies, rules: CachedRules): FastifyPluginAsync {
  const deps = { ...dependencies, rules };
  return async (app) => {
    app.post<{ Body: RuleBody }>('/rules', {
      schema: postRule,
      handler: async (request, reply) => {
        const ruleId = await create(deps, request, request.body);
        void reply.code(201).header('location', `${request.routeOptions.url}/${ruleId}`);
        return view(deps, request, ruleId);
      },
    });

    app.get<{ Querystring: ListQuery }>('/rules', {
      schema: getRules,
      handler: async (request) => pageOfRules(deps, request, request.query),
    });

    app.get<{ Params: Params }>('/rules/:ruleId', {
      schema: getRule,
      handler: async (request) => view(deps, request, request.params.ruleId),
    });

    app.put<{ Params: Params; Body: RuleChanges }>('/rules/:ruleId', {
      schema: putRule,
      handler: async (request) => {
        await change(deps, request, request.params.ruleId, request.body);
        return view(deps, request, request.params.ruleId);
      },
    });

    app.delete<{ Params: Params }>('/rules/:ruleId', {
      schema: deleteRule,
      handler: async (request, reply) => {
        await change(deps, request, request.params.ruleId, { isActive: false });
        return reply.code(204).send();
      },
    });

    app.get<{ Params: Params; Querystring: PageQuery }>('/rules/:ruleId/decisions', {
      schema: getDecisions,
      handler: async (request) => pageOfDecisions(deps, request, request.params.ruleId, request.query),
    });
  };
}

type Owner = { tenantId: string; userId: string };

const ownerOf = ({ person: { tenantId, userId } }: FastifyRequest): Owner => ({ tenantId, userId });

const inTenant = <T>(
  db: HttpDependencies['db'],
  request: FastifyRequest,
  work: (sql: Sql, owner: Owner) => Promise<T>,
): Promise<T> => {
  const owner = ownerOf(request);
  return db.transaction([owner.tenantId], (sql) => work(sql, owner));
};

type Dependencies = HttpDependencies & { rules: CachedRules };

/** Throws 404 if the rule belongs to somebody else. */
async function read({ rules }: Dependencies, request: FastifyRequest, ruleId: string) {
  const progress = await rules.find(ownerOf(request), ruleId);
  if (!progress) throw notFound();
  return progress;
}

const view = async (deps: Dependencies, request: FastifyRequest, ruleId: string) => ({
  data: ruleView(await read(deps, request, ruleId), deps.clock.now()),
});

async function create(deps: Dependencies, request: FastifyRequest, body: RuleBody): Promise<string> {
  const { db, clock } = deps;
  const owner = ownerOf(request);
  const defaults = await inTenant(db, request, (sql) =>
    readRuleDefaults(sql, owner.tenantId, categoriesOf(body)),
  );
  const given = readDraft(body, defaults, todayIn(clock));
  const draft = { ...given, ...(await readSnooze(deps, request, body, given)) };
  const { ruleId, ...evaluated } = await createRule(db, owner, draft, clock.now());
  await follow(deps, request, evaluated);
  return ruleId;
}

async function change(
  deps: Dependencies,
  request: FastifyRequest,
  ruleId: string,
  body: RuleChanges,
): Promise<void> {
  const { rule } = await read(deps, request, ruleId);
  const given = readChanges(body, rule, todayIn(deps.clock));
  const changes = { ...given, ...(await readSnooze(deps, request, body, { ...rule, ...given })) };
  const evaluated = await changeRule(deps.db, ownerOf(request), ruleId, changes, deps.clock.now());
  if (!evaluated) throw notFound();
  await follow(deps, request, evaluated);
}

const todayIn = (clock: HttpDependencies['clock']): string => localDay(clock.now(), 'UTC');

/** Days begin and periods end in the person's time zone. The schema has validated the text. */
async function readSnooze(
  { db, clock }: HttpDependencies,
  request: FastifyRequest,
  body: RuleChanges,
  { period }: Pick<Rule, 'period'>,
): Promise<Partial<Pick<Rule, 'snoozeUntil'>>> {
  if (typeof body.snoozeUntil !== 'string') return body.snoozeUntil === null ? { snoozeUntil: null } : {};
  const snooze = parseRuleSnooze(body.snoozeUntil);
  const timeZone = await inTenant(db, request, readTimezone);
  const asked = { timeZone, now: clock.now() };
  const until = snooze && ruleSnoozeInstant(snooze, period, asked);
  if (snooze === 'period_end' && !until)
    throw invalidField('/snoozeUntil', 'must be an instant or a day: the rule has no current period');
  return { snoozeUntil: until };
}

/** Creating or changing a rule may open levels at once. */
async function follow(deps: Dependencies, request: FastifyRequest, evaluated: Evaluated): Promise<void> {
  deps.rules.forget(ownerOf(request));
  await followEvaluation(deps, evaluated, request.id);
  await announceSpending(deps.db, [personKey(ownerOf(request))]);
}

async function pageOfRules({ rules, clock }: Dependencies, request: FastifyRequest, query: ListQuery) {
  const { categoryId, limit, cursor } = query;
  const page = { categoryId, limit: limit + 1, after: afterOf(cursor) };
  const found = await rules.list(ownerOf(request), page);
  const keyOf = ({ createdAt, rule: { id } }: RuleProgress) => cursorKeyOf({ createdAt, id });
  const { data, ...rest } = pageOf(found, limit, keyOf);
  const now = clock.now();
  return { data: data.map((progress) => ruleView(progress, now)), ...rest };
}

async function pageOfDecisions(
  { db }: HttpDependencies,
  request: FastifyRequest,
  ruleId: string,
  { limit, cursor }: PageQuery,
) {
  const [before = null] = readCursor(cursor, decisionKey) ?? [];
  const page = { limit: limit + 1, before };
  const decisions = await inTenant(db, request, (sql, owner) => listDecisions(sql, owner, ruleId, page));
  if (!decisions) throw notFound();
  const { data, ...rest } = pageOf(decisions, limit, ({ number }) => [number]);
  return { data: data.map(decisionView), ...rest };
}

/** The cursor is the number of the last decision shown. */
const decisionKey = [Type.String({ pattern: '^[0-9]{1,18}$' })];

const pageOnly = Type.Object(pageQuery);
const listQuery = Type.Object({
  categoryId: Type.Optional(identifier('rules of this category, and of groups that it is in')),
  ...pageQuery,
});

const oneRule = Type.Object({ data: ruleSchema }, { description: 'The rule with its budget progress.' });

const postRule = {
  tags,
  security,
  operationId: 'createRule',
  summary: 'Create a rule',
  description:
    'Only `budgetAmount` is required. By default a rule watches all spending of a month in the tenant’s currency; `categoryId` or `categoryIds` name what else it watches, and `excludeCategories` and `excludeMerchants` what does not count. Its levels are 80 % (info), 95 % (warning), 100 % (danger) and 150 % (critical) of its spending, and 100 % (warning) of its forecast. It notifies in the app and by email, at most 3 times a day. Levels that are already reached cause one notification at once. A person may have 100 active rules; one more is 409. With a `period` of `{rrule, start}` a budget runs from payday to payday, say; with `{start, end}` it watches a trip, and is switched off 72 hours after it, or 12 after a single day.',
  body: ruleBody,
  response: { 201: oneRule, ...problems(400, 401, 409, 429) },
};

const getRules = {
  tags,
  security,
  operationId: 'listRules',
  summary: 'List one’s rules',
  description: 'Newest first, including rules that are switched off.',
  querystring: listQuery,
  response: { 200: pageSchema(ruleSchema), ...problems(400, 401, 429) },
};

const getRule = {
  tags,
  security,
  operationId: 'getRule',
  summary: 'Read a rule',
  description: 'Includes the spending in its current period.',
  params: ruleParams,
  response: { 200: oneRule, ...problems(401, 404, 429) },
};

const putRule = {
  tags,
  security,
  operationId: 'updateRule',
  summary: 'Change a rule',
  description:
    'Accepts any of its fields; omitted fields keep their values. A new budget or new levels open and resolve only the affected levels. A new period, currency or scope (categories, and what is excluded) closes all open levels and evaluates again. A `categoryId` ends a group, `categoryIds` end a category, and null for the one that is set leaves all spending. `isActive: true` switches a rule on again, with 409 beyond the limit of active rules. A currency with other decimals needs a `budgetAmount`.',
  params: ruleParams,
  body: ruleChanges,
  response: { 200: oneRule, ...problems(400, 401, 404, 409, 429) },
};

const deleteRule = {
  tags,
  security,
  operationId: 'disableRule',
  summary: 'Switch a rule off',
  description:
    'The rule stays readable and does not alert any more. Its deferred and capped notifications are cancelled.',
  params: ruleParams,
  response: { 204: Type.Null({ description: 'The rule is off.' }), ...problems(401, 404, 429) },
};

const getDecisions = {
  tags,
  security,
  operationId: 'listDecisions',
  summary: 'List a rule’s decisions',
  description: 'Shows why an alert was or was not sent: each level that opened or resolved, newest first.',
  params: ruleParams,
  querystring: pageOnly,
  response: { 200: pageSchema(decisionSchema), ...problems(400, 401, 404, 429) },
};
