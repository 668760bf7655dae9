const { existsSync, mkdirSync, readFileSync, writeFileSync } = require('node:fs');
const { basename, dirname, join, relative } = require('node:path');
const circus = require('jest-circus/runner').default;

/** The mutant that a test has noticed in this process. */
let noticed;

/**
 * Runs a file's tests, unless an earlier file's have noticed the mutant already: Stryker's runner cannot stop at the first failure
 * (https://github.com/jestjs/jest/issues/11766), and would run all others for nothing. Nor is a file loaded that has none of the tests
 * that reach the mutant. Within a file no test is run behind the first that fails.
 */
module.exports = async function runTests(globalConfig, config, environment, runtime, testPath, ...rest) {
  const mutant = process.env['__STRYKER_ACTIVE_MUTANT__'];
  const namesFile = join(config.rootDir, '.build', 'test-names', `${relative(config.rootDir, testPath)}.json`);
  if (mutant !== undefined && (mutant === noticed || !hasAny(globalConfig.testNamePattern, namesFile))) {
    return skipped(testPath);
  }
  if (mutant !== undefined) environment.handleTestEvent = skippingAfterFailure();
  const result = await circus(globalConfig, config, environment, runtime, testPath, ...rest);
  if (mutant === undefined) keepNames(namesFile, result);
  else if (result.numFailingTests > 0 || result.testExecError) noticed = mutant;
  return result;
};

function skippingAfterFailure() {
  let hasFailed = false;
  return ({ name, test }) => {
    if (name === 'test_fn_failure' || name === 'hook_failure') hasFailed = true;
    else if (name === 'test_start' && hasFailed) test.mode = 'skip';
  };
}

/** In Stryker's sandbox, from its first run, which is without a mutant, for every process after it. */
function keepNames(namesFile, { testResults }) {
  mkdirSync(dirname(namesFile), { recursive: true });
  writeFileSync(namesFile, JSON.stringify(testResults.map(({ fullName }) => fullName)));
}

function hasAny(pattern, namesFile) {
  if (!pattern || !existsSync(namesFile)) return true;
  const wanted = new RegExp(pattern, 'i');
  return JSON.parse(readFileSync(namesFile, 'utf8')).some((name) => wanted.test(name));
}

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
