/** Stands in for the queues where a test asks only what is rung for. */
import type { Contract, Payload } from '../../src/contracts/contract.ts';

/** Writes down what it is rung for. */
export class Bell {
  readonly rung: string[] = [];
  readonly rungAgain: string[] = [];
  /** How often it was called, with something to ring for or with nothing. */
  asked = 0;

  async ring<C extends Contract>(contract: C, payloads: readonly Payload<C>[]): Promise<void> {
    this.asked += 1;
    this.rung.push(...payloads.map((payload) => contract.title(payload)));
  }

  async ringAgain<C extends Contract>(contract: C, payloads: readonly Payload<C>[]): Promise<void> {
    this.asked += 1;
    this.rungAgain.push(...payloads.map((payload) => contract.title(payload)));
  }
}
