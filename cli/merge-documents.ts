import type { CheckResult, ProviderRun, Run } from "../contract/run.ts"
import { summarise } from "../harness/outcome.ts"
import type { ChaosDocument, ToldAnomaly } from "./chaos-told.ts"
import type { SimDocument } from "./sim-told.ts"
import { UsageError } from "./usage-error.ts"

/** What can be merged: shards of one kind. */
export type Mergeable =
  | { readonly kind: "run"; readonly run: Run }
  | { readonly kind: "chaos"; readonly chaos: ChaosDocument }
  | { readonly kind: "sim"; readonly sim: SimDocument }

/** What a JSON document is a part of; undefined for anything else. A run is told by whoever reads it. */
export const campaignOf = (json: unknown): Exclude<Mergeable, { readonly kind: "run" }> | undefined => {
  if (typeof json !== "object" || json === null) return undefined
  if ("seedsPerMinute" in json && "failures" in json) return { kind: "sim", sim: json as SimDocument }
  if ("rounds" in json && "anomalies" in json && "faults" in json)
    return { kind: "chaos", chaos: json as ChaosDocument }
  return undefined
}

const sum = (numbers: ReadonlyArray<number>): number => numbers.reduce((total, one) => total + one, 0)
const unique = <A>(values: ReadonlyArray<A>): ReadonlyArray<A> => [...new Set(values)]

/** The one value that all shards agree on; `UsageError` says what they do not. */
const agreed = <A>(what: string, values: ReadonlyArray<A>): A => {
  const different = unique(values)
  if (different.length > 1) throw new UsageError(`shards of one whole have one ${what}, not ${different.join(" and ")}`)
  return different[0]!
}

const sameProvider = (runs: ReadonlyArray<ProviderRun>): ProviderRun => {
  const [first] = runs as [ProviderRun]
  agreed(
    `build of ${first.provider}`,
    runs.map(({ fingerprint }) => fingerprint),
  )
  const checks = new Map<string, CheckResult>()
  for (const check of runs.flatMap((run) => run.checks)) {
    if (checks.has(check.id))
      throw new UsageError(`${check.id} on ${first.provider} is in two of the runs; shards share no check`)
    checks.set(check.id, check)
  }
  const all = [...checks.values()]
  const checked = new Set(all.map(({ clause }) => clause))
  return {
    ...first,
    checks: all,
    summary: summarise(all),
    clausesWithoutCheck: first.clausesWithoutCheck.filter((clause) => !checked.has(clause)),
    ms: sum(runs.map(({ ms }) => ms)),
    stale: unique(runs.flatMap(({ stale }) => stale)),
    unlock: unique(runs.flatMap(({ unlock }) => unlock)),
    strays: runs.flatMap(({ strays }) => strays),
  }
}

/** Runs of parts of the suites, or of several providers, as one run; its seal is made when it is written. */
export const mergeRuns = (runs: ReadonlyArray<Run>): Run => {
  const [first] = runs as [Run]
  const providers = unique(runs.flatMap((run) => run.runs.map(({ provider }) => provider)))
  const ran = new Set(providers)
  const { seal: _seal, interrupted: _interrupted, ...about } = first
  return {
    ...about,
    contract: agreed(
      "contract",
      runs.map(({ contract }) => contract),
    ),
    harness: agreed(
      "version of the harness",
      runs.map(({ harness }) => harness),
    ),
    started: runs.map(({ started }) => started).toSorted()[0]!,
    ms: sum(runs.map(({ ms }) => ms)),
    runs: providers.map((key) =>
      sameProvider(runs.flatMap((run) => run.runs.filter(({ provider }) => provider === key))),
    ),
    unavailable: runs.flatMap(({ unavailable }) => unavailable).filter(({ provider }) => !ran.has(provider)),
    ...(runs.some(({ interrupted }) => interrupted === true) ? { interrupted: true } : {}),
  }
}

const counts = (parts: ReadonlyArray<Readonly<Record<string, number>>>): Record<string, number> => {
  const all: Record<string, number> = {}
  for (const [name, count] of parts.flatMap(Object.entries)) all[name] = (all[name] ?? 0) + count
  return all
}

const byReason = (lists: ReadonlyArray<ChaosDocument["unjudged"]>): ChaosDocument["unjudged"] =>
  Object.entries(counts(lists.flat().map(({ reason, rounds }) => ({ [reason]: rounds })))).map(([reason, rounds]) => ({
    reason,
    rounds,
  }))

const most = (numbers: ReadonlyArray<number>): number | undefined =>
  numbers.length === 0 ? undefined : Math.max(...numbers)

/** What shards left behind: all of it, and the steepest slopes. */
const mergeLeaks = (parts: ReadonlyArray<ChaosDocument["leaks"]>): ChaosDocument["leaks"] => {
  const all = (of: "sockets" | "subscriptions") => ({
    left: sum(parts.map((part) => part[of].left)),
    inRounds: sum(parts.map((part) => part[of].inRounds)),
  })
  const slots = parts.flatMap((part) => part.slots ?? [])
  const slope = (of: "ownBytes" | "backendBytes") => most(parts.flatMap(({ memorySlope }) => memorySlope[of] ?? []))
  const [ownBytes, backendBytes] = [slope("ownBytes"), slope("backendBytes")]
  return {
    rounds: sum(parts.map(({ rounds }) => rounds)),
    sockets: all("sockets"),
    subscriptions: all("subscriptions"),
    ...(slots.length === 0
      ? {}
      : { slots: { first: slots[0]!.first, most: Math.max(...slots.map((one) => one.most)) } }),
    processes: parts.flatMap(({ processes }) => processes),
    memorySlope: {
      ...(ownBytes === undefined ? {} : { ownBytes }),
      ...(backendBytes === undefined ? {} : { backendBytes }),
    },
  }
}

/** Shards of a campaign against one build of one provider as one campaign. */
export const mergeChaos = (shards: ReadonlyArray<ChaosDocument>): ChaosDocument => {
  const [first] = shards as [ChaosDocument]
  const found = new Map<string, ToldAnomaly>()
  for (const anomaly of shards.flatMap(({ anomalies }) => anomalies)) {
    const known = found.get(anomaly.name)
    found.set(anomaly.name, known === undefined ? anomaly : { ...known, rounds: known.rounds + anomaly.rounds })
  }
  const of = (name: string) => shards.flatMap(({ faults }) => faults.filter((fault) => fault.name === name))
  const names = unique(shards.flatMap(({ faults }) => faults.map(({ name }) => name)))
  return {
    ...first,
    provider: agreed(
      "provider",
      shards.map(({ provider }) => provider),
    ),
    version: agreed(
      "build",
      shards.map(({ version }) => version),
    ),
    ms: Math.max(...shards.map(({ ms }) => ms)),
    rounds: sum(shards.map(({ rounds }) => rounds)),
    operations: sum(shards.map(({ operations }) => operations)),
    operationsPerSecond: sum(shards.map(({ operationsPerSecond }) => operationsPerSecond)),
    anomalies: [...found.values()],
    faults: names.map((name) => ({
      name,
      applied: sum(of(name).map(({ applied }) => applied)),
      bit: sum(of(name).map(({ bit }) => bit)),
    })),
    workloads: counts(shards.map(({ workloads }) => workloads)),
    unjudged: byReason(shards.map(({ unjudged }) => unjudged)),
    flaky: byReason(shards.map(({ flaky }) => flaky)),
    harnessErrors: shards.flatMap(({ harnessErrors }) => harnessErrors),
    breaks: shards.flatMap(({ breaks }) => breaks),
    notKept: unique(shards.flatMap(({ notKept }) => notKept)),
    leaks: mergeLeaks(shards.flatMap(({ leaks }) => leaks ?? [])),
    interrupted: shards.some(({ interrupted }) => interrupted),
  }
}

/** Shards of a simulation as one: what one of them reached is reached. */
export const mergeSim = (shards: ReadonlyArray<SimDocument>): SimDocument => {
  const reached = unique(shards.flatMap(({ faultsReached }) => faultsReached))
  const missed = unique(shards.flatMap(({ faultsMissed }) => faultsMissed))
  const [first] = shards as [SimDocument]
  return {
    schema: 1,
    seeds: sum(shards.map(({ seeds }) => seeds)),
    failures: shards.flatMap(({ failures }) => failures).toSorted((a, b) => a.seed - b.seed),
    seedsPerMinute: sum(shards.map(({ seedsPerMinute }) => seedsPerMinute)),
    faultsReached: reached,
    faultsMissed: missed.filter((name) => !reached.includes(name)),
    statesMissed: first.statesMissed.filter((name) => shards.every(({ statesMissed }) => statesMissed.includes(name))),
  }
}
