/** People keep their budget rules, and see why they did or did not hear of one. */
import type { FastifyPluginAsync, FastifyRequest } from 'fastify';
import { type Static, Type } from 'typebox';
import type { Sql } from '../../runtime/database/database.ts';
import { changeRule } from '../../settings/change-rule.ts';
import { createRule } from '../../alerts/rules/create-rule.ts';
import { listDecisions } from '../../alerts/rules/list-decisions.ts';
import { readRuleDefaults } from '../../alerts/rules/read-rule-defaults.ts';
import type { RuleProgress } from '../../alerts/rules/read-progress.ts';
import { readTimezone } from '../../accounts/read-timezone.ts';
import type { Evaluated } from '../../alerts/evaluate/write-evaluations.ts';
import { type Rule, ruleDefaults } from '../../alerts/decide/rule.ts';
import { parseRuleSnooze, ruleSnoozeInstant } from '../../values/snooze.ts';
import type { CachedRules } from '../cached/cached-rules.ts';
import type { HttpDependencies } from '../dependencies.ts';
import { followEvaluation } from '../follow-evaluation.ts';
import { afterOf, cursorKeyOf } from '../lists/cursor.ts';
import { pageOf, pageQuery, pageSchema, readCursor } from '../lists/pagination.ts';
import { notFound, problems } from '../errors/problem.ts';
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
import { readChanges, readDraft } from '../schemas/rule-changes.ts';
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

/** Someone else's rule is no rule: 404. */
async function read({ rules }: Dependencies, request: FastifyRequest, ruleId: string) {
  const standing = await rules.find(ownerOf(request), ruleId);
  if (!standing) throw notFound();
  return standing;
}

const view = async (deps: Dependencies, request: FastifyRequest, ruleId: string) => ({
  data: ruleView(await read(deps, request, ruleId), deps.clock.now()),
});

async function create(deps: Dependencies, request: FastifyRequest, body: RuleBody): Promise<string> {
  const { db, clock } = deps;
  const owner = ownerOf(request);
  const defaults = await inTenant(db, request, (sql) =>
    readRuleDefaults(sql, owner.tenantId, body.categoryId ?? null),
  );
  const draft = { ...readDraft(body, defaults), ...(await readSnooze(deps, request, body, ruleDefaults)) };
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
  const changes = { ...readChanges(body, rule), ...(await readSnooze(deps, request, body, rule)) };
  const evaluated = await changeRule(deps.db, ownerOf(request), ruleId, changes, deps.clock.now());
  if (!evaluated) throw notFound();
  await follow(deps, request, evaluated);
}

/** Days begin, and periods end, in the person's zone. The schema has seen that it can be read. */
async function readSnooze(
  { db, clock }: HttpDependencies,
  request: FastifyRequest,
  body: RuleChanges,
  stored: Pick<Rule, 'period'>,
): Promise<Partial<Pick<Rule, 'snoozeUntil'>>> {
  if (typeof body.snoozeUntil !== 'string') return body.snoozeUntil === null ? { snoozeUntil: null } : {};
  const snooze = parseRuleSnooze(body.snoozeUntil);
  const timeZone = await inTenant(db, request, readTimezone);
  const asked = { timeZone, now: clock.now() };
  return { snoozeUntil: snooze && ruleSnoozeInstant(snooze, body.period ?? stored.period, asked) };
}

/** A rule made or changed may have opened levels at once. */
async function follow(deps: Dependencies, request: FastifyRequest, evaluated: Evaluated): Promise<void> {
  deps.rules.forget(ownerOf(request));
  await followEvaluation(deps, evaluated, request.id);
}

async function pageOfRules({ rules, clock }: Dependencies, request: FastifyRequest, query: ListQuery) {
  const { categoryId, limit, cursor } = query;
  const page = { categoryId, limit: limit + 1, after: afterOf(cursor) };
  const standings = await rules.list(ownerOf(request), page);
  const made = ({ createdAt, rule: { id } }: RuleProgress) => cursorKeyOf({ createdAt, id });
  const { data, ...rest } = pageOf(standings, limit, made);
  const now = clock.now();
  return { data: data.map((standing) => ruleView(standing, now)), ...rest };
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

/** The number of the last decision shown. */
const decisionKey = [Type.String({ pattern: '^[0-9]{1,18}$' })];

const pageOnly = Type.Object(pageQuery);
const listQuery = Type.Object({
  categoryId: Type.Optional(identifier('rules of this category alone')),
  ...pageQuery,
});

const oneRule = Type.Object({ data: ruleSchema }, { description: 'The rule as it stands now.' });

const postRule = {
  tags,
  security,
  summary: 'Make a rule',
  description:
    'Only `budgetAmount` is required. By default it watches all spending of a month in the tenant’s currency, at 80 % (info), 95 % (warning), 100 % (danger) and 150 % (critical), and tells in the app and by email, at most 3 times a day. Levels already reached are told of at once, as one.',
  body: ruleBody,
  response: { 201: oneRule, ...problems(400, 401, 429) },
};

const getRules = {
  tags,
  security,
  summary: 'List one’s rules',
  description: 'Newest first, with those that were switched off.',
  querystring: listQuery,
  response: { 200: pageSchema(ruleSchema), ...problems(400, 401, 429) },
};

const getRule = {
  tags,
  security,
  summary: 'Read a rule',
  description: 'With what was spent in its current period.',
  params: ruleParams,
  response: { 200: oneRule, ...problems(401, 404, 429) },
};

const putRule = {
  tags,
  security,
  summary: 'Change a rule',
  description:
    'Takes any of its fields and leaves the others. Another budget or other levels open and resolve just the levels they affect; another period, currency or category closes what is open and measures anew. `isActive: true` switches a rule on again. Another currency with other decimals needs a `budgetAmount`.',
  params: ruleParams,
  body: ruleChanges,
  response: { 200: oneRule, ...problems(400, 401, 404, 429) },
};

const deleteRule = {
  tags,
  security,
  summary: 'Switch a rule off',
  description: 'It stays readable, but alerts no more; what is held back for it is cancelled.',
  params: ruleParams,
  response: { 204: Type.Null({ description: 'It is off.' }), ...problems(401, 404, 429) },
};

const getDecisions = {
  tags,
  security,
  summary: 'List a rule’s decisions',
  description: 'Why an alert was or was not sent: each level that opened or resolved, newest first.',
  params: ruleParams,
  querystring: pageOnly,
  response: { 200: pageSchema(decisionSchema), ...problems(400, 401, 404, 429) },
};
