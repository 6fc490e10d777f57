import type { CheckResult, ProviderRun, Run } from "../contract/run.ts"
import { escapeMarkup as esc } from "./escape.ts"
import { familyOf } from "./matrix.ts"

/**
 * JUnit XML: one suite for each provider. A `fail` is a failure and a `harness-error` an error; everything else
 * that is no pass is skipped with its reason, so that no reader counts it as passed. Stale deviations and stray
 * defects are failures of their own; a provider that is not available is a suite with one skipped case.
 */
export const toJunit = (run: Run): string => {
  const suites = [
    ...run.runs.map((one) => suite(one, run.started)),
    ...run.unavailable.map(({ provider, missing }) => ({
      counts: { tests: 1, failures: 0, errors: 0, skipped: 1, seconds: 0 },
      xml:
        `  <testsuite name="${esc(provider)}" tests="1" failures="0" errors="0" skipped="1" time="0">\n` +
        `    <testcase name="available" classname="${esc(provider)}" time="0">` +
        `<skipped message="${esc(missing)}"/></testcase>\n  </testsuite>\n`,
    })),
  ]
  const sum = (member: keyof Counts) => suites.reduce((total, { counts }) => total + counts[member], 0)
  return (
    `<?xml version="1.0" encoding="UTF-8"?>\n` +
    `<testsuites name="Sync Gauntlet" tests="${sum("tests")}" failures="${sum("failures")}" errors="${sum("errors")}" ` +
    `skipped="${sum("skipped")}" time="${(run.ms / 1000).toFixed(3)}">\n${suites.map(({ xml }) => xml).join("")}</testsuites>\n`
  )
}

interface Counts {
  readonly tests: number
  readonly failures: number
  readonly errors: number
  readonly skipped: number
  readonly seconds: number
}

const suite = (run: ProviderRun, started: string): { readonly counts: Counts; readonly xml: string } => {
  const extra = [
    ...run.stale.map((line) => extraCase(run.provider, "stale deviation", line)),
    ...run.strays.map((line) => extraCase(run.provider, "stray defect", line)),
  ]
  const count = (...outcomes: ReadonlyArray<CheckResult["outcome"]>) =>
    run.checks.filter(({ outcome }) => outcomes.includes(outcome)).length
  const failures = count("fail") + extra.length
  const errors = count("harness-error")
  const tests = run.checks.length + extra.length
  const counts = { tests, failures, errors, skipped: tests - failures - errors - count("pass"), seconds: run.ms / 1000 }
  const properties = [
    ["version", run.version],
    ["fingerprint", run.fingerprint],
    ["clausesWithoutCheck", run.clausesWithoutCheck.join(" ")],
  ] as const
  return {
    counts,
    xml:
      `  <testsuite name="${esc(run.provider)}" tests="${tests}" failures="${failures}" errors="${errors}" ` +
      `skipped="${counts.skipped}" time="${counts.seconds.toFixed(3)}" timestamp="${esc(started.replace(/\.\d+Z$/, ""))}">\n` +
      `    <properties>\n${properties.map(([name, value]) => `      ${property(name, value)}\n`).join("")}    </properties>\n` +
      `${run.checks.map((check) => testCase(run.provider, check)).join("")}${extra.join("")}  </testsuite>\n`,
  }
}

const property = (name: string, value: string): string => `<property name="${esc(name)}" value="${esc(value)}"/>`

const testCase = (provider: string, check: CheckResult): string => {
  const properties = [
    property("clause", check.clause),
    property("level", check.level),
    ...check.verifies.map((id) => property("verifies", id)),
  ]
  return (
    `    <testcase name="${esc(check.id)}" classname="${esc(`${provider}.${familyOf(check.clause)}`)}" ` +
    `time="${(check.ms / 1000).toFixed(3)}">\n      <properties>${properties.join("")}</properties>\n` +
    `${verdict(check)}    </testcase>\n`
  )
}

const verdict = (check: CheckResult): string => {
  const reason = check.reason ?? check.outcome
  switch (check.outcome) {
    case "pass":
      return ""
    case "fail":
      return `      <failure type="${esc(check.anomaly ?? "fail")}" message="${esc(reason)}">${esc(argument(check))}</failure>\n`
    case "harness-error":
      return `      <error type="harness-error" message="${esc(reason)}">${esc(argument(check))}</error>\n`
    default:
      return `      <skipped message="${esc(`${check.outcome}: ${reason}`)}"/>\n`
  }
}

const argument = (check: CheckResult): string =>
  [...check.anomalies.map(({ name, sentence }) => `${name}: ${sentence}`), `again: ${check.replay}`].join("\n")

const extraCase = (provider: string, name: string, line: string): string =>
  `    <testcase name="${esc(name)}" classname="${esc(provider)}" time="0">` +
  `<failure type="${esc(name)}" message="${esc(line)}"/></testcase>\n`
