import type { Run } from "../contract/run.ts"
import { weakProviders } from "../providers/registry.ts"

/**
 * Providers of a run that had to fail and did not, one line each. A known-weak one has to fail with its own anomaly;
 * any other has to fail with any.
 */
export const notConvicted = (run: Run): ReadonlyArray<string> =>
  run.runs.flatMap(({ provider, checks }) => {
    const weakness = weakProviders.find(({ key }) => key === provider)?.weakness
    const failed = checks.filter(({ outcome }) => outcome === "fail" || outcome === "should-fail")
    if (failed.length === 0) {
      return [`${provider} had to fail, and all of its ${checks.length} checks ended otherwise`]
    }
    if (weakness === undefined) return []
    const { anomaly, clause } = weakness
    const named = failed.some(({ anomalies }) => anomalies.some(({ name }) => name === anomaly))
    return named ? [] : [`${provider} failed, but was not convicted of ${anomaly}, as ${clause} has to`]
  })
