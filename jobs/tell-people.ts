/** Tells people in portions, each a transaction of its own, and rings for each portion once it is committed. */
import type { Payload } from '../src/contracts/contract.ts';
import type { deliveries } from '../src/contracts/index.ts';

/** People in one transaction: each is locked until it ends. */
const peopleAtATime = 100;

type Unsent = Omit<Payload<typeof deliveries>, 'correlationId'>;

export type Telling = {
  ring(payloads: readonly Payload<typeof deliveries>[]): Promise<void>;
  correlationId: string;
  signal: AbortSignal | undefined;
};

/** `tell` takes at most so many people, and answers how many it took and what to ring for. Answers how many in all. */
export async function tellPeople(
  tell: (limit: number) => Promise<{ people: number; unsent: readonly Unsent[] }>,
  { ring, correlationId, signal }: Telling,
): Promise<number> {
  let told = 0;
  for (let taken = peopleAtATime; taken === peopleAtATime; told += taken) {
    signal?.throwIfAborted();
    const { people, unsent } = await tell(peopleAtATime);
    await ring(unsent.map((each) => ({ ...each, correlationId })));
    taken = people;
  }
  return told;
}
