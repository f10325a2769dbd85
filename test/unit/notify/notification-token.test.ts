import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  isProof,
  notificationToken,
  readNotificationToken,
} from '../../../src/notify/decide/notification-token.ts';

const link = {
  tenantId: '01890000-0000-7000-8000-00000000abcd',
  notificationId: '01890000-0000-7000-8000-00000000ef01',
  key: 'k'.repeat(43),
};
const token = notificationToken(link);

describe('the token of a link to a notification', () => {
  test('has 44 characters that fit into a URL', () => {
    fc.assert(
      fc.property(fc.uuid(), fc.uuid(), (tenantId, notificationId) => {
        expect(notificationToken({ ...link, tenantId, notificationId })).toMatch(/^[\w-]{44}$/);
      }),
    );
  });

  test('finds its notification among those that begin alike, and no other', () => {
    const opened = readNotificationToken(token);
    expect(opened).toMatchObject({
      tenantId: link.tenantId,
      first: '01890000-0000-7000-0000-000000000000',
      last: '01890000-0000-7000-ffff-ffffffffffff',
    });
    const isIts = (id: string, key = link.key) => opened !== null && isProof(opened, id, key);
    expect(isIts(link.notificationId)).toBe(true);
    expect(isIts(link.notificationId.replace(/1$/, '2'))).toBe(false);
    expect(isIts(link.notificationId, 'x'.repeat(43))).toBe(false);
  });

  test.each(['', token.slice(1), `${token}AAAA`, token.replace(/^./, '+')])(
    'is refused where it is %j',
    (text) => {
      expect(readNotificationToken(text)).toBeNull();
    },
  );
});
