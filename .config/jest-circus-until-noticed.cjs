const { basename } = require('node:path');
const circus = require('jest-circus/runner').default;

/** The mutant that a test has noticed in this process. */
let noticed;

/**
 * Runs a file's tests, unless an earlier file's have noticed the mutant already: Stryker's runner cannot stop at the first failure
 * (https://github.com/jestjs/jest/issues/11766), and would run all others for nothing.
 */
module.exports = async function runTests(globalConfig, config, environment, runtime, testPath, ...rest) {
  const mutant = process.env['__STRYKER_ACTIVE_MUTANT__'];
  if (mutant !== undefined && mutant === noticed) return skipped(testPath);
  const result = await circus(globalConfig, config, environment, runtime, testPath, ...rest);
  if (mutant !== undefined && (result.numFailingTests > 0 || result.testExecError)) noticed = mutant;
  return result;
};

function skipped(testFilePath) {
  const nothing = {
    added: 0,
    fileDeleted: false,
    matched: 0,
    unchecked: 0,
    uncheckedKeys: [],
    unmatched: 0,
    updated: 0,
  };
  const perfStats = {
    start: 0,
    end: 0,
    runtime: 0,
    slow: false,
    loadTestEnvironmentStart: 0,
    loadTestEnvironmentEnd: 0,
  };
  // Jest takes a file without any test for a broken one.
  const notRun = {
    ancestorTitles: [],
    duration: 0,
    failureDetails: [],
    failureMessages: [],
    fullName: `not run: ${testFilePath}`,
    numPassingAsserts: 0,
    status: 'pending',
    title: 'not run',
  };
  return {
    displayName: basename(testFilePath),
    failureMessage: null,
    leaks: false,
    numFailingTests: 0,
    numPassingTests: 0,
    numPendingTests: 1,
    numTodoTests: 0,
    openHandles: [],
    perfStats,
    skipped: true,
    snapshot: nothing,
    testFilePath,
    testResults: [notRun],
  };
}
