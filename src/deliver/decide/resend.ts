/** Decides whether an operator may resend a delivery. */
import type { SkipReason } from '../../notify/decide/interruption.ts';
import type { DeliveryStatus } from '../../values/statuses.ts';

/** Statuses of deliveries that ended without arriving, as far as is known. */
const resendable = ['failed', 'unknown', 'bounced', 'skipped'] as const satisfies DeliveryStatus[];

export type ResendRefusal =
  | Exclude<DeliveryStatus, (typeof resendable)[number]>
  | Exclude<SkipReason, 'bounced' | 'ceiling'>;

/**
 * `skip`: the reason why the channel would be skipped now. A bounced address and a ceiling do not count: the operator
 * vouches for both.
 */
export function refuseResend(status: DeliveryStatus, skip: SkipReason | null): ResendRefusal | null {
  if (isUnfinishedOrArrived(status)) return status;
  return skip === 'bounced' || skip === 'ceiling' ? null : skip;
}

const isUnfinishedOrArrived = (
  status: DeliveryStatus,
): status is Exclude<DeliveryStatus, (typeof resendable)[number]> =>
  !resendable.some((each) => each === status);
