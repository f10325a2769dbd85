/** Whether an operator may have a delivery sent once more. */
import type { SkipReason } from '../../notify/decide/interruption.ts';
import type { DeliveryStatus } from '../../values/statuses.ts';

/** Ended without having arrived, as far as anybody knows. */
const resendable = ['failed', 'unknown', 'bounced', 'skipped'] as const satisfies DeliveryStatus[];

export type ResendRefusal =
  | Exclude<DeliveryStatus, (typeof resendable)[number]>
  | Exclude<SkipReason, 'bounced'>;

/** `skip`: why the channel would be skipped now. An address that bounced is no reason: the operator knows better. */
export function refuseResend(status: DeliveryStatus, skip: SkipReason | null): ResendRefusal | null {
  if (isUnfinishedOrArrived(status)) return status;
  return skip === 'bounced' ? null : skip;
}

const isUnfinishedOrArrived = (
  status: DeliveryStatus,
): status is Exclude<DeliveryStatus, (typeof resendable)[number]> =>
  !resendable.some((each) => each === status);
