/**
 * Names the schemas of the OpenAPI document. The routes keep their schemas whole, because checking and writing answers
 * is faster so. In the document each schema of the table below is written once, and referred to elsewhere.
 */
import type { TSchema } from 'typebox';
import { fieldError, problemDocument, problemWith } from '../errors/problem.ts';
import { pageSchema } from '../lists/pagination.ts';
import { benchmarkSchema, comparisonSchema } from '../schemas/benchmark.ts';
import { categoryChanges, categorySchema, ownCategorySchema } from '../schemas/category.ts';
import { summarySchema } from '../schemas/daily-summary.ts';
import { alertSchema, dashboardSchema, progressSchema } from '../schemas/dashboard.ts';
import { decisionSchema } from '../schemas/decision.ts';
import { deletedRows } from '../schemas/erasure.ts';
import {
  deletedExpenseData,
  eventSchema,
  eventStatus,
  expenseChanged,
  expenseData,
  expenseDeleted,
  rejectedEvent,
  rejectedEvents,
  takenEvents,
} from '../schemas/event.ts';
import { evidenceSchema, merchantSchema, monthSchema } from '../schemas/evidence.ts';
import { expenseSchema } from '../schemas/expense.ts';
import { exportSchema } from '../schemas/export.ts';
import { rateTableBody, rateTableSchema } from '../schemas/fx-rates.ts';
import { acceptedJob, jobState } from '../schemas/job.ts';
import { meChanges, meSchema } from '../schemas/me.ts';
import { ledgerEntrySchema, ledgerSchema } from '../schemas/ledger.ts';
import { deliverySchema, notificationSchema } from '../schemas/notification.ts';
import { preferenceChanges, preferencesSchema } from '../schemas/preferences.ts';
import { categoryProfile, profileSchema } from '../schemas/profile.ts';
import { jsonCallback } from '../schemas/provider-callback.ts';
import { subscriptionSchema } from '../schemas/push-subscription.ts';
import { quietHoursSchema } from '../schemas/quiet-hours.ts';
import { dismissalBody, recommendationSchema } from '../schemas/recommendation.ts';
import { anomalySchema, anomalyVerdict } from '../schemas/anomaly.ts';
import { forecastSchema } from '../schemas/forecast.ts';
import { recurringDecision, recurringSchema } from '../schemas/recurring.ts';
import { ruleBody, ruleChanges, ruleSchema, threshold } from '../schemas/rule.ts';
import { spendingSumsSchema } from '../schemas/spending.ts';
import { previewBody, previewedAlert, previewSchema } from '../schemas/rule-preview.ts';
import { issuedToken, tokenRequest } from '../schemas/token.ts';
import { userChanges, userSchema } from '../schemas/user.ts';
import { spendingSchema } from '../stream/events.ts';

const named: Readonly<Record<string, TSchema>> = {
  Problem: problemDocument,
  FieldError: fieldError,
  ExpenseChanged: expenseChanged,
  ExpenseDeleted: expenseDeleted,
  ExpenseData: expenseData,
  DeletedExpenseData: deletedExpenseData,
  ExpenseEvent: eventSchema,
  IngestResult: takenEvents,
  RejectedEvent: rejectedEvent,
  IngestProblem: problemWith({ rejected: rejectedEvents }),
  EventStatus: eventStatus,
  Person: userSchema,
  PersonChanges: userChanges,
  Me: meSchema,
  MeChanges: meChanges,
  PersonExport: exportSchema,
  Erased: deletedRows,
  Category: categorySchema,
  CategoryChanges: categoryChanges,
  ExchangeRates: rateTableSchema,
  ExchangeRatesDraft: rateTableBody,
  AcceptedJob: acceptedJob,
  JobState: jobState,
  Token: issuedToken,
  TokenRequest: tokenRequest,
  DeliveryReport: jsonCallback,
  Rule: ruleSchema,
  RulePage: pageSchema(ruleSchema),
  RuleDraft: ruleBody,
  RuleChanges: ruleChanges,
  RulePreview: previewSchema,
  RulePreviewRequest: previewBody,
  PreviewedAlert: previewedAlert,
  Threshold: threshold,
  QuietHours: quietHoursSchema,
  Decision: decisionSchema,
  DecisionPage: pageSchema(decisionSchema),
  DayLedger: ledgerSchema,
  LedgerEntry: ledgerEntrySchema,
  Notification: notificationSchema,
  NotificationPage: pageSchema(notificationSchema),
  Delivery: deliverySchema,
  BudgetProgress: spendingSchema,
  Expense: expenseSchema,
  ExpensePage: pageSchema(expenseSchema),
  SpendingSums: spendingSumsSchema,
  OwnCategory: ownCategorySchema,
  OwnCategoryPage: pageSchema(ownCategorySchema),
  Recommendation: recommendationSchema,
  RecommendationPage: pageSchema(recommendationSchema),
  Dismissal: dismissalBody,
  Forecast: forecastSchema,
  RecurringCharge: recurringSchema,
  RecurringChargePage: pageSchema(recurringSchema),
  RecurringDecision: recurringDecision,
  Anomaly: anomalySchema,
  AnomalyPage: pageSchema(anomalySchema),
  AnomalyVerdict: anomalyVerdict,
  Evidence: evidenceSchema,
  MonthOfSpending: monthSchema,
  MerchantSpending: merchantSchema,
  Profile: profileSchema,
  CategoryProfile: categoryProfile,
  Benchmark: benchmarkSchema,
  Comparison: comparisonSchema,
  DailySummary: summarySchema,
  Dashboard: dashboardSchema,
  RuleProgress: progressSchema,
  ActiveAlert: alertSchema,
  Preferences: preferencesSchema,
  PreferenceChanges: preferenceChanges,
  PushSubscription: subscriptionSchema,
};

/** Copies of a schema, as `Type.Optional` makes them, have the same text. */
const nameOfText = new Map(Object.entries(named).map(([name, schema]) => [JSON.stringify(schema), name]));

/**
 * The schema with references in place of those that have a name; not in place of itself. A field with a default may be left
 * out, which TypeBox says of none.
 */
function withReferences(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(referTo);
  if (typeof schema !== 'object' || schema === null) return schema;
  const referring = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, referTo(value)]));
  const { required, properties } = schema as { required?: readonly string[]; properties?: object };
  if (!Array.isArray(required) || !properties) return referring;
  return { ...referring, required: required.filter((name) => !hasDefault(Reflect.get(properties, name))) };
}

const hasDefault = (property: unknown): boolean => Object.hasOwn(Object(property), 'default');

function referTo(schema: unknown): unknown {
  const isObject = typeof schema === 'object' && schema !== null && !Array.isArray(schema);
  const name = isObject ? nameOfText.get(JSON.stringify(schema)) : undefined;
  return name === undefined ? withReferences(schema) : { $ref: `#/components/schemas/${name}` };
}

/** For `components` of the document. */
export const namedSchemas = (): Record<string, object> =>
  Object.fromEntries(
    Object.entries(named).map(([name, schema]) => [name, { ...Object(withReferences(schema)) }]),
  );

type RouteSchema = { body?: unknown; querystring?: unknown; response?: unknown };

/** A route's schema for the document. The description of a response is beside its reference. */
export function referToNamed<Schema extends RouteSchema>(schema: Schema): Schema {
  const { body, querystring, response } = schema;
  return {
    ...schema,
    ...(querystring === undefined ? {} : { querystring: withReferences(querystring) }),
    ...(body === undefined ? {} : { body: referTo(body) }),
    ...(response === undefined ? {} : { response: referToResponses(response) }),
  };
}

const referToResponses = (responses: unknown): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(Object(responses) as Record<string, { description?: string }>).map(
      ([status, response]) => {
        const { description } = response;
        const referring = Object(referTo(response));
        return [status, { ...(description === undefined ? {} : { description }), ...referring }];
      },
    ),
  );
