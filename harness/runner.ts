import { randomBytes } from "node:crypto"
import { Effect } from "effect"
import { catalogue } from "../contract/catalogue/index.ts"
import type { HostPart, ProviderHostShape, ProviderIdentity } from "../contract/provider.ts"
import type { CheckResult, ProviderRun } from "../contract/run.ts"
import { withArgsDigests } from "../history/args-digest.ts"
import { sealSection } from "../history/sealed-section.ts"
import { longestFirst, type Check } from "./check.ts"
import { judgeCheck } from "./judge-check.ts"
import { staleDeviations, summarise, unlockHints } from "./outcome.ts"
import type { RunProvider, RunProviderOptions } from "./run-provider.ts"
import { openSession, type Session } from "./session.ts"
import { watchStrays } from "./strays.ts"

/** What deviations are keyed by: version, and whatever else tells two builds apart. */
export const fingerprintOf = (identity: ProviderIdentity): string =>
  identity.detail === undefined
    ? `${identity.name}@${identity.version}`
    : `${identity.name}@${identity.version} ${identity.detail}`

/** Clauses of the contract that none of these checks is about. */
const clausesWithoutCheck = (checks: ReadonlyArray<Check>): ReadonlyArray<string> => {
  const checked = new Set(checks.map(({ clause }) => clause))
  return catalogue.map(({ id }) => id).filter((id) => !checked.has(id))
}

const identify = async (session: Session): Promise<ProviderIdentity> => {
  const host: ProviderHostShape | undefined = await session.host().catch(() => undefined)
  if (host === undefined) return { name: "unknown", version: "unknown" }
  return Effect.runPromise(Effect.catch(host.identity, () => Effect.succeed({ name: "unknown", version: "unknown" })))
}

/** Runs checks on one provider and says how each ended, in the order in which they were given. */
export const runProvider: RunProvider = async (options: RunProviderOptions): Promise<ProviderRun> => {
  const { provider, checks, signal } = options
  const fromMs = performance.now()
  const session = openSession({
    provider,
    nonce: randomBytes(3).toString("hex"),
    ...(options.reset === undefined ? {} : { reset: options.reset }),
  })
  const strays = watchStrays()
  const onAbort = () => void session.close()
  signal.addEventListener("abort", onAbort, { once: true })
  const identity = await identify(session)
  const fingerprint = fingerprintOf(identity)
  const results = new Map<string, CheckResult>()
  const missing: Array<{ readonly clause: string; readonly missingParts: ReadonlyArray<HostPart> }> = []

  const runOne = async (check: Check): Promise<void> => {
    if (signal.aborted) return
    const judged = await judgeCheck(check, {
      provider,
      fingerprint,
      deviations: options.deviations,
      today: new Date().toISOString().slice(0, 10),
      seed: options.seed,
      session,
      onBegin: () => options.onStart?.(check),
    })
    if (signal.aborted) return
    missing.push({ clause: check.clause, missingParts: judged.missingParts })
    const history = judged.records.length > 0 ? sealSection(withArgsDigests(judged.records)) : undefined
    if (history !== undefined) options.onHistory?.(history.text)
    const result = history === undefined ? judged.result : { ...judged.result, history: history.sha256 }
    results.set(check.id, result)
    options.onResult?.(result)
  }
  // The virtual world has one thread and nothing to wait for: one check after the other.
  if (provider.world === "virtual") {
    for (const check of checks) {
      await runOne(check)
      // A turn for the event loop: a signal to stop is heard between two checks.
      await new Promise((resolve) => setImmediate(resolve))
    }
  } else await Promise.race([Promise.all(longestFirst(checks).map(runOne)), aborted(signal)])

  signal.removeEventListener("abort", onAbort)
  await session.close()
  const ordered = checks.flatMap(({ id }) => results.get(id) ?? [])
  return {
    provider: provider.key,
    version: `${identity.name} ${identity.version}`,
    fingerprint,
    capabilities: provider.capabilities,
    summary: summarise(ordered),
    clausesWithoutCheck: clausesWithoutCheck(options.allChecks ?? checks),
    checks: ordered,
    ms: Math.round(performance.now() - fromMs),
    stale: staleDeviations({ provider: provider.key, fingerprint, deviations: options.deviations, checks: ordered }),
    unlock: unlockHints(missing),
    resets: session.resets,
    strays: strays.stop(),
  }
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener("abort", () => resolve(), { once: true })
  })
