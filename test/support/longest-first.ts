/** The order of the files: those that wait longest begin first, so that the run does not end waiting for one. */
import { BaseSequencer, type TestSpecification } from 'vitest/node';

const longestFirst = ['/test/e2e/', '/test/integration/', '/test/contract/', '/test/unit/'];

export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    return longestFirst.flatMap((folder) => sorted.filter(({ moduleId }) => moduleId.includes(folder)));
  }
}
