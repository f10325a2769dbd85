/** The migrations in the order in which they run. A database records them by class name. */
import { Migration20261122000001 } from './0.4/Migration20261122000001-events.ts';
import { Migration20261122000002 } from './0.4/Migration20261122000002-spending.ts';
import { Migration20261122000003 } from './0.4/Migration20261122000003-telling.ts';
import { Migration20261122000004 } from './0.4/Migration20261122000004-batch-size.ts';
import { Migration20261122000005 } from './0.4/Migration20261122000005-webhook-sources.ts';
import { Migration20261122000006 } from './0.4/Migration20261122000006-row-security.ts';
import { Migration20261122000007 } from './0.4/Migration20261122000007-throttling.ts';
import { Migration20261122000008 } from './0.4/Migration20261122000008-fx-rates.ts';
import { Migration20261122000009 } from './0.4/Migration20261122000009-insight.ts';
import { Migration20261122000010 } from './0.4/Migration20261122000010-benchmark-people.ts';
import { Migration20261130000011 } from './0.5/Migration20261130000011-guards.ts';
import { Migration20261130000012 } from './0.5/Migration20261130000012-tenant-rows.ts';
import { Migration20261130000013 } from './0.5/Migration20261130000013-rule-index.ts';
import { Migration20261130000014 } from './0.5/Migration20261130000014-ceilings.ts';
import { Migration20261130000015 } from './0.5/Migration20261130000015-ranks.ts';
import { Migration20261130000016 } from './0.5/Migration20261130000016-set-aside.ts';
import { Migration20261130000019 } from './0.5/Migration20261130000019-waiting-tenants.ts';
import { Migration20261130000020 } from './0.5/Migration20261130000020-repricing.ts';
import { Migration20261130000021 } from './0.5/Migration20261130000021-erased-people.ts';
import { Migration20261130000022 } from './0.5/Migration20261130000022-blanking.ts';
import { Migration20261130000023 } from './0.5/Migration20261130000023-retention.ts';
import { Migration20261130000024 } from './0.5/Migration20261130000024-credentials.ts';
import { Migration20261130000025 } from './0.5/Migration20261130000025-monthly-limits.ts';
import { Migration20261130000026 } from './0.5/Migration20261130000026-confirmed-addresses.ts';
import { Migration20261130000027 } from './0.5/Migration20261130000027-openings.ts';
import { Migration20261130000032 } from './0.5/Migration20261130000032-inbox-order.ts';
import { Migration20261130000033 } from './0.5/Migration20261130000033-own-ids.ts';
import { Migration20261130000036 } from './0.5/Migration20261130000036-message-stops.ts';
import { Migration20261130000040 } from './0.5/Migration20261130000040-posted-at.ts';
import { Migration20261130000042 } from './0.5/Migration20261130000042-scopes.ts';
import { Migration20261130000043 } from './0.5/Migration20261130000043-rollover.ts';
import { Migration20261130000045 } from './0.5/Migration20261130000045-person-quota.ts';
import { Migration20261130000041 } from './0.5/Migration20261130000041-periods.ts';
import { Migration20261130000044 } from './0.5/Migration20261130000044-kinds.ts';
import { Migration20261130000046 } from './0.5/Migration20261130000046-group-wait.ts';
import { Migration20261130000047 } from './0.5/Migration20261130000047-recurring-charges.ts';
import { Migration20261130000048 } from './0.5/Migration20261130000048-forecasts.ts';
import { Migration20261130000049 } from './0.5/Migration20261130000049-forecast-ratios.ts';
import { Migration20261130000050 } from './0.5/Migration20261130000050-anomalies.ts';
import { Migration20261130000051 } from './0.5/Migration20261130000051-advice.ts';
import { Migration20261130000052 } from './0.5/Migration20261130000052-decision-times.ts';
import { Migration20261130000053 } from './0.5/Migration20261130000053-unread.ts';

export const migrations = [
  Migration20261122000001,
  Migration20261122000002,
  Migration20261122000003,
  Migration20261122000004,
  Migration20261122000005,
  Migration20261122000006,
  Migration20261122000007,
  Migration20261122000008,
  Migration20261122000009,
  Migration20261122000010,
  Migration20261130000011,
  Migration20261130000012,
  Migration20261130000013,
  Migration20261130000014,
  Migration20261130000015,
  Migration20261130000016,
  Migration20261130000019,
  Migration20261130000020,
  Migration20261130000021,
  Migration20261130000022,
  Migration20261130000023,
  Migration20261130000024,
  Migration20261130000025,
  Migration20261130000026,
  Migration20261130000027,
  Migration20261130000032,
  Migration20261130000033,
  Migration20261130000036,
  Migration20261130000040,
  Migration20261130000042,
  Migration20261130000043,
  Migration20261130000045,
  Migration20261130000041,
  Migration20261130000044,
  Migration20261130000046,
  Migration20261130000047,
  Migration20261130000048,
  Migration20261130000049,
  Migration20261130000050,
  Migration20261130000051,
  Migration20261130000052,
  Migration20261130000053,
];
