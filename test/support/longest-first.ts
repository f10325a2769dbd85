/** Orders the test files: the slowest kinds start first, so that the run does not end with one of them alone. */
import { BaseSequencer, type TestSpecification } from 'vitest/node';

const longestFirst = ['/test/e2e/', '/test/integration/', '/test/contract/', '/test/unit/'];

export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    return longestFirst.flatMap((folder) => sorted.filter(({ moduleId }) => moduleId.includes(folder)));
  }
}
