/**
 * Orders the test files: the slowest kinds start first, so that the run does not end with one of them alone. Tests of
 * whole processes are spread over the first part of the run. Side by side they wait for each other's processors.
 */
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** The demo takes longest of all. */
const wholeProcesses = ['/test/e2e/demo/', '/test/e2e/'];
const others = ['/test/integration/', '/test/contract/', '/test/unit/'];
/** The part of the other files over which the tests of whole processes are spread. */
const spreadOver = 0.5;

export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const slow = inOrderOf(wholeProcesses, sorted);
    const quick = inOrderOf(others, sorted);
    const between = Math.floor((quick.length * spreadOver) / Math.max(1, slow.length));
    return [...slow.flatMap((file) => [file, ...quick.splice(0, between)]), ...quick];
  }
}

/** The files of the first folder, then those of the next, each once. */
const inOrderOf = (folders: readonly string[], files: readonly TestSpecification[]): TestSpecification[] => [
  ...new Set(folders.flatMap((folder) => files.filter(({ moduleId }) => moduleId.includes(folder)))),
];
