/*
 * Counts what a CI run passed and failed. Plain JavaScript, so that the Node that a machine already has can run
 * it when the installation itself failed.
 *
 *   node count-tests.mjs VITEST_JSON TEST_EXIT CHECK_EXIT
 *
 * The exit codes are "missing" where the command did not end. The last line is "N passed, N failed"; the exit
 * code is 1 when anything failed.
 */
import { readFileSync } from "node:fs"

const [jsonPath = "", testExit = "missing", checkExit = "missing"] = process.argv.slice(2)

const readResults = () => {
  try {
    return JSON.parse(readFileSync(jsonPath, "utf8"))
  } catch (error) {
    console.log(`no test results: ${error instanceof Error ? error.message : error}`)
    return { numPassedTests: 0, numFailedTests: 0, testResults: [] }
  }
}

const { numPassedTests, numFailedTests, numPendingTests = 0, testResults } = readResults()

// A file that did not load has no test that failed, and has failed nonetheless.
const brokenFiles = testResults.filter(
  ({ status, assertionResults }) => status === "failed" && !assertionResults.some((test) => test.status === "failed"),
)
for (const { name, message } of brokenFiles) console.log(`failed as a whole: ${name}: ${message}`)

// So has a run that ended badly without a failing test: an unhandled error, a crash, the time limit.
const failedTests = numFailedTests + brokenFiles.length
const unexplained = testExit !== "0" && failedTests === 0 ? 1 : 0
const checkFailed = checkExit === "0" ? 0 : 1

const passed = numPassedTests + (1 - checkFailed)
const failed = failedTests + unexplained + checkFailed

console.log(`test exited with ${testExit}, check with ${checkExit}; ${numPendingTests} tests skipped`)
console.log(`${passed} passed, ${failed} failed`)
process.exitCode = failed === 0 && passed > 0 ? 0 : 1
