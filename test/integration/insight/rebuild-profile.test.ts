/** Rebuilds of profiles and recommendations: at most every five seconds, and in one transaction. */
import { sql as statement } from 'kysely';
import { describe, expect, test, vi } from 'vitest';
import { rebuildProfile } from '../../../src/insight/profiles/rebuild-profile.ts';
import { rising, Shopper } from '../../support/worlds/shopper.ts';
import { startService } from '../../support/servers/service.ts';

describe('a rebuild of a profile', () => {
  test('waits until the last one is five seconds old', async () => {
    const idle = await startService({ env: { WORKERS: 'evaluate-alerts' } });
    try {
      const shopper = await Shopper.arrives(idle);
      const { db } = idle.services;
      const stale = async () => {
        const [row] = await idle.sql.selectFrom('stale_profiles').select('id').execute();
        return { tenantId: idle.tenant.tenantId, profileId: row?.id ?? '' };
      };
      await shopper.posts(...rising());
      const first = await stale();
      const at = idle.clock.now();
      expect(await rebuildProfile(db, first, at)).toMatchObject({ kind: 'rebuilt', profiles: 1 });
      expect(await rebuildProfile(db, first, at)).toEqual({ kind: 'gone' });
      await shopper.posts({ on: '2026-11-09', amount: '1.00' });
      const second = await stale();
      expect(second.profileId).not.toBe(first.profileId);
      const soon = at.add({ milliseconds: 4_999 });
      expect(await rebuildProfile(db, second, soon)).toEqual({ kind: 'soon', at: at.add({ seconds: 5 }) });
      expect(await stale()).toEqual(second);
      expect(await rebuildProfile(db, second, at.add({ seconds: 5 }))).toMatchObject({ kind: 'rebuilt' });
    } finally {
      await idle.stop();
    }
  });

  test('goes on for others when the rebuild of one person fails', async () => {
    const world = await startService();
    try {
      const [other, shopper] = [await Shopper.arrives(world), await Shopper.arrives(world)];
      const others = statement.lit(other.userId);
      await statement`
        alter table smart_recommendations add constraint broken check (user_id <> ${others})`.execute(
        world.sql,
      );
      await other.posts(...rising());
      await shopper.posts(...rising());
      await vi.waitFor(async () => {
        expect(await shopper.recommendations()).toMatchObject([{ estimatedMonthlySavings: '108.00' }]);
      }, 30_000);
      expect(await other.recommendations()).toEqual([]);
    } finally {
      await world.stop();
    }
  });

  test('that fails in the middle changes nothing, and can be repeated', async () => {
    const idle = await startService({ env: { WORKERS: 'evaluate-alerts' } });
    try {
      const shopper = await Shopper.arrives(idle);
      await shopper.posts(...rising());
      const [row] = await idle.sql.selectFrom('stale_profiles').select('id').execute();
      const ref = { tenantId: idle.tenant.tenantId, profileId: row?.id ?? '' };
      await statement`alter table smart_recommendations add constraint broken check (false)`.execute(
        idle.sql,
      );
      await expect(rebuildProfile(idle.services.db, ref, idle.clock.now())).rejects.toThrow('broken');
      expect(await idle.sql.selectFrom('stale_profiles').select('id').execute()).toEqual([row]);
      expect(await shopper.categories()).toEqual([]);
      await statement`alter table smart_recommendations drop constraint broken`.execute(idle.sql);
      await rebuildProfile(idle.services.db, ref, idle.clock.now());
      expect(await shopper.recommendations()).toMatchObject([{ estimatedMonthlySavings: '108.00' }]);
    } finally {
      await idle.stop();
    }
  });
});
