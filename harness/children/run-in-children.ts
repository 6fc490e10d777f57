import { catalogue } from "../../contract/catalogue/index.ts"
import type { CheckResult, ProviderRun } from "../../contract/run.ts"
import type { Check } from "../check.ts"
import { summarise } from "../outcome.ts"
import type { ChildMessage, ProviderCard } from "./messages.ts"
import { runInChild, type RunInChildOptions } from "./run-in-child.ts"
import { unreported, type Unreported } from "./unreported.ts"

/** Like one child's options, with the checks themselves. */
export interface RunInChildrenOptions extends Omit<RunInChildOptions, "onMessage"> {
  readonly checks: ReadonlyArray<Check>
  /** All checks there are, chosen or not. */
  readonly allChecks: ReadonlyArray<Check>
  /** Names the provider until it has loaded. */
  readonly name: string
  readonly onStart: (id: string) => void
  readonly onResult: (result: CheckResult) => void
}

/** What became of one provider. */
export type ProviderEnd =
  | { readonly how: "ran"; readonly run: ProviderRun }
  | { readonly how: "unavailable"; readonly provider: string; readonly missing: string }
  | { readonly how: "bad-provider"; readonly message: string }

/** After so many crashes of one provider the checks that are left are not tried any more. */
const crashLimit = 3

const interrupted: Unreported = { outcome: "unknown", reason: "interrupted before it was done" }

/**
 * Runs checks on one provider in a child process, and in a fresh one after each crash: the checks that were
 * running when it crashed fail, the others still get their verdict. A built-in provider that does not load is a
 * harness error. Never rejects.
 */
export const runInChildren = async (options: RunInChildrenOptions): Promise<ProviderEnd> => {
  const began = performance.now()
  const results = new Map<string, CheckResult>()
  let card: ProviderCard | undefined
  let run: ProviderRun | undefined
  let crashes = 0

  const keep = (result: CheckResult) => {
    results.set(result.id, result)
    options.onResult(result)
  }
  const missing = () => options.checks.filter((check) => !results.has(check.id))
  const giveUp = (checks: ReadonlyArray<Check>, why: Unreported) => {
    for (const check of checks) keep(unreported(check, card?.key ?? options.name, options.plan.seed, why))
  }

  while (missing().length > 0) {
    const started = new Set<string>()
    const onMessage = (message: ChildMessage) => {
      if (message.type === "start") {
        started.add(message.id)
        options.onStart(message.id)
      }
      if (message.type === "result") keep(message.result)
    }
    const plan = { ...options.plan, checks: missing().map(({ id }) => id) }
    const end = await runInChild({ ...options, plan, onMessage })
    if (end.how === "unavailable") return { how: "unavailable", provider: end.card.key, missing: end.missing }
    if (end.how === "bad-provider" && options.plan.source.kind === "file") {
      return { how: "bad-provider", message: end.message }
    }
    if ("card" in end) card = end.card ?? card
    if (end.how === "done") {
      run = end.run
      for (const result of end.run.checks) if (!results.has(result.id)) keep(result)
      giveUp(
        missing(),
        end.stopped || options.signal.aborted
          ? interrupted
          : { outcome: "fail", reason: "declared, but it never reported" },
      )
    } else if (end.how === "harness-error" || end.how === "bad-provider") {
      giveUp(missing(), { outcome: "harness-error", reason: end.message })
    } else if (end.how === "stopped") {
      giveUp(missing(), interrupted)
    } else if (end.how === "crashed" || end.how === "silent") {
      crashes += 1
      const anomaly = end.how === "crashed" ? "defect" : "stuck"
      const running = missing().filter(({ id }) => started.has(id))
      giveUp(running, { outcome: "fail", reason: `while it ran, ${end.message}`, anomaly })
      if (running.length === 0 || crashes >= crashLimit) {
        const when = running.length === 0 ? "outside of any check" : `${crashes} times`
        giveUp(missing(), { outcome: "fail", reason: `it never ran: the provider crashed ${when}: ${end.message}` })
      }
    }
  }
  return { how: "ran", run: complete(options, card, run, [...results.values()], performance.now() - began) }
}

/** The run with every result, in the order of the checks; what only the provider could have told is "unknown". */
const complete = (
  options: RunInChildrenOptions,
  card: ProviderCard | undefined,
  run: ProviderRun | undefined,
  results: ReadonlyArray<CheckResult>,
  ms: number,
): ProviderRun => {
  const order = new Map(options.checks.map((check, index) => [check.id, index]))
  const checks = [...results].sort((a, b) => (order.get(a.id) ?? 0) - (order.get(b.id) ?? 0))
  const checked = new Set(options.allChecks.map(({ clause }) => clause))
  const base = run ?? {
    provider: card?.key ?? options.name,
    version: "unknown",
    fingerprint: "unknown",
    capabilities: card?.capabilities ?? {},
    clausesWithoutCheck: catalogue.map(({ id }) => id).filter((id) => !checked.has(id)),
    stale: [],
    unlock: [],
    resets: {},
    strays: [],
  }
  return { ...base, summary: summarise(checks), checks, ms: Math.round(ms) }
}
