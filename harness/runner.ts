import { randomBytes } from "node:crypto"
import { Effect } from "effect"
import { catalogue } from "../contract/catalogue/index.ts"
import type { StoreCosts } from "../contract/costs.ts"
import type { HostPart, ProviderHostShape, ProviderIdentity } from "../contract/provider.ts"
import type { CheckResult, ProviderRun } from "../contract/run.ts"
import { withArgsDigests } from "../history/args-digest.ts"
import { sealSection } from "../history/sealed-section.ts"
import { longestFirst, type Check } from "./check.ts"
import { judgeCheck } from "./judge-check.ts"
import { measureCosts } from "./measure-costs.ts"
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

/** What a store costs on the host that checks share; a measurement that fails is a stray defect of the run. */
const costsIn = async (
  { costs, provider }: RunProviderOptions,
  session: Session,
  nonce: string,
  onIdle: () => void,
): Promise<StoreCosts | undefined> => {
  if (costs !== true || provider.world === "virtual") return undefined
  const host = await session.host().catch(() => undefined)
  return host === undefined ? undefined : Effect.runPromise(measureCosts(host, `${nonce}-costs`, onIdle))
}

/** Runs checks on one provider and says how each ended, in the order in which they were given. */
export const runProvider: RunProvider = async (options: RunProviderOptions): Promise<ProviderRun> => {
  const { provider, checks, signal } = options
  const fromMs = performance.now()
  const nonce = randomBytes(3).toString("hex")
  const session = openSession({
    provider,
    nonce,
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
  let costs: StoreCosts | undefined
  const notMeasured: Array<string> = []
  let measured = Promise.resolve()
  // What other checks do at the time would be billed too: they begin when only waiting is left of it.
  const idle = new Promise<void>((onIdle) => {
    measured = costsIn(options, session, nonce, onIdle)
      .then(
        (told) => void (costs = told),
        (error: unknown) => void (signal.aborted || notMeasured.push(`costs could not be measured: ${String(error)}`)),
      )
      .finally(onIdle)
  })
  await Promise.race([idle, aborted(signal)])
  // The virtual world has one thread and nothing to wait for: one check after the other.
  if (provider.world === "virtual") {
    for (const check of checks) {
      await runOne(check)
      // A turn for the event loop: a signal to stop is heard between two checks.
      await new Promise((resolve) => setImmediate(resolve))
    }
  } else await Promise.race([Promise.all([...longestFirst(checks).map(runOne), measured]), aborted(signal)])

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
    ...(costs === undefined ? {} : { costs }),
    strays: [...strays.stop(), ...notMeasured],
  }
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener("abort", () => resolve(), { once: true })
  })
