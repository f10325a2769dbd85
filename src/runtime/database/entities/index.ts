import { AnomalyRow } from './anomaly.ts';
import { AddressConfirmation } from './address-confirmation.ts';
import { AlertDecision, AlertState } from './alert.ts';
import { AlertRule, RuleSpend } from './alert-rule.ts';
import { ApiKey } from './api-key.ts';
import { AuditEvent } from './audit-event.ts';
import { Benchmark, BenchmarkPerson } from './benchmark.ts';
import { Category } from './category.ts';
import { ErasedPerson } from './erased-person.ts';
import { Event, EventBatch } from './event.ts';
import { DailySpend, Expense } from './expense.ts';
import { ForecastRatio, ForecastState, RuleForecast } from './forecast.ts';
import { FxRate, Repricing, StalePrices } from './fx-rate.ts';
import { JobRun } from './job-run.ts';
import { MerchantName } from './merchant-name.ts';
import {
  DailyInterruptions,
  MonthlyMessages,
  Notification,
  NotificationDelivery,
  StreamHead,
} from './notification.ts';
import { PushSubscription } from './push-subscription.ts';
import { MerchantAnalysis, SpendingProfile, StaleProfile } from './profile.ts';
import { Recommendation } from './recommendation.ts';
import { RecurringCharge } from './recurring-charge.ts';
import { ServiceClock } from './service-clock.ts';
import { ServiceKey } from './service-key.ts';
import { SpendingSummary } from './spending-summary.ts';
import { Tenant } from './tenant.ts';
import { SetAside, User } from './user.ts';
import { WebhookSource } from './webhook-source.ts';

export const entities = [
  Tenant,
  ApiKey,
  WebhookSource,
  User,
  SetAside,
  ErasedPerson,
  AddressConfirmation,
  Category,
  MerchantName,
  EventBatch,
  Event,
  Expense,
  DailySpend,
  FxRate,
  Repricing,
  StalePrices,
  AlertRule,
  RuleSpend,
  AlertState,
  AlertDecision,
  RuleForecast,
  ForecastState,
  ForecastRatio,
  Notification,
  NotificationDelivery,
  DailyInterruptions,
  MonthlyMessages,
  StreamHead,
  PushSubscription,
  StaleProfile,
  SpendingProfile,
  MerchantAnalysis,
  Recommendation,
  RecurringCharge,
  AnomalyRow,
  Benchmark,
  BenchmarkPerson,
  SpendingSummary,
  JobRun,
  AuditEvent,
  ServiceClock,
  ServiceKey,
] as const;
