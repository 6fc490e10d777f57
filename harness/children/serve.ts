import { createWriteStream } from "node:fs"
import { Effect } from "effect"
import type { Deviation } from "../../contract/deviation.ts"
import type { Availability, Provider } from "../../contract/provider.ts"
import type { StepsPlan } from "../../contract/scenario.ts"
import { removeOwnedDirectories } from "../../providers/owned-directory.ts"
import type { Check } from "../check.ts"
import { areGone, descendantsOf, endProcesses } from "../processes.ts"
import type { RunProvider } from "../run-provider.ts"
import { BadProvider, loadProviderFile } from "./load-provider-file.ts"
import { aliveEveryMs, type ChildMessage, type ChildPlan, type ParentMessage, type ProviderCard } from "./messages.ts"
import { startWatchdog } from "./watchdog.ts"

/** What a child runs plans with. */
export interface ServeOptions {
  readonly loadProvider: (key: string, bundles?: string) => Promise<Provider>
  readonly checks: ReadonlyArray<Check>
  /** Makes the check that a plan of steps is. */
  readonly checkOf?: (plan: StepsPlan) => Check
  readonly deviations: ReadonlyArray<Deviation>
  readonly runProvider: RunProvider
  /** Long work on one provider, by name. What it gives back has to be JSON. */
  readonly jobs?: Readonly<Record<string, Job>>
}

/** Work on one provider in a child: it says how far it is and ends soon after the signal. */
export type Job = (input: {
  readonly provider: Provider
  readonly args: unknown
  readonly signal: AbortSignal
  readonly news: (news: unknown) => void
}) => Promise<unknown>

/** How long the end of killed processes may take, in milliseconds. */
const goneMs = 2_000

/** How long a provider may take to say whether it is available, in milliseconds. */
const availabilityMs = 30_000

/**
 * The child's side: waits for one plan, does it, says what happens, and ends the process. What it runs with is
 * loaded once there is a plan, so that a module that does not load is told like any other error of the harness.
 */
export const serve = (loadOptions: (plan: ChildPlan) => Promise<ServeOptions>): void => {
  const stop = new AbortController()
  let working = false
  const onStop = () => {
    stop.abort()
    if (!working) process.exit(0)
  }
  process.on("SIGTERM", onStop)
  process.on("SIGINT", onStop)
  process.on("disconnect", onStop)
  if (!process.connected) onStop()
  process.on("message", (message: ParentMessage) => {
    if (message.type === "stop") return onStop()
    working = true
    const alive = setInterval(() => tell({ type: "alive" }), aliveEveryMs)
    startWatchdog({ ancestors: message.plan.ancestors, stopMs: message.plan.stopMs }, onStop)
    void loadOptions(message.plan)
      .then((options) => work(options, message.plan, stop.signal))
      .catch((error: unknown) => tell({ type: "harness-error", message: firstLine(error) }))
      .finally(async () => {
        clearInterval(alive)
        await flushed()
        // With the command gone nobody else ends what the provider left behind.
        if (!process.connected) {
          const below = descendantsOf(process.pid)
          endProcesses(below)
          await areGone(below, goneMs)
          removeOwnedDirectories(process.pid)
        }
        process.exit(0)
      })
  })
}

const work = async (options: ServeOptions, plan: ChildPlan, signal: AbortSignal): Promise<void> => {
  const provider = await load(options, plan)
  if (provider === undefined) return
  const card: ProviderCard = {
    key: provider.key,
    title: provider.title,
    world: provider.world,
    capabilities: provider.capabilities,
  }
  if (plan.mode === "probe") return tell({ type: "ready", card })
  const availability = await availabilityOf(provider)
  if (availability._tag === "Unavailable") return tell({ type: "unavailable", card, missing: availability.missing })
  tell({ type: "ready", card })

  if (plan.mode === "job") return tell({ type: "finished", result: await doJob(options, plan, provider, signal) })

  const wanted = new Set(plan.checks)
  const chosen =
    plan.steps === undefined || options.checkOf === undefined
      ? options.checks.filter((check) => wanted.has(check.id))
      : [options.checkOf(plan.steps)]
  const history = createWriteStream(plan.historyFile, { flags: "a" })
  const run = await options.runProvider({
    provider,
    checks: chosen,
    allChecks: options.checks,
    seed: plan.seed,
    deviations: options.deviations,
    signal,
    ...(plan.reset === undefined ? {} : { reset: plan.reset }),
    costs: plan.costs === true,
    onStart: (check) => tell({ type: "start", id: check.id }),
    onResult: (result) => tell({ type: "result", result }),
    onHistory: (ndjson) => void history.write(ndjson.endsWith("\n") ? ndjson : `${ndjson}\n`),
  })
  await new Promise<void>((resolve) => history.end(resolve))
  tell({ type: "done", run, stopped: signal.aborted })
}

const doJob = async (options: ServeOptions, { job }: ChildPlan, provider: Provider, signal: AbortSignal) => {
  const work = job === undefined ? undefined : options.jobs?.[job.name]
  if (work === undefined) throw new Error(`there is no job "${job?.name}"`)
  return work({ provider, args: job?.args, signal, news: (news) => tell({ type: "news", news }) })
}

const load = async (options: ServeOptions, plan: ChildPlan): Promise<Provider | undefined> => {
  try {
    return plan.source.kind === "file"
      ? await loadProviderFile(plan.source.path)
      : await options.loadProvider(plan.source.key, plan.source.bundles)
  } catch (error) {
    const message = error instanceof BadProvider ? error.message : `the provider cannot be loaded: ${firstLine(error)}`
    tell({ type: "bad-provider", message })
    return undefined
  }
}

/** Asks whether a provider can run here; one that throws or does not answer cannot. */
export const availabilityOf = (provider: Provider): Promise<Availability> => {
  const unavailable = (missing: string): Availability => ({ _tag: "Unavailable", missing })
  const asked = Effect.runPromise(provider.availability).catch((error: unknown) =>
    unavailable(`asking whether it is available failed: ${firstLine(error)}`),
  )
  const late = new Promise<Availability>((resolve) => {
    const missing = `it did not say within ${availabilityMs / 1000} s whether it is available`
    setTimeout(() => resolve(unavailable(missing)), availabilityMs).unref()
  })
  return Promise.race([asked, late])
}

const tell = (message: ChildMessage): void => {
  if (process.connected) process.send?.(message, () => undefined)
}

/** Messages go through a pipe: the process may end once it has taken the last one. */
const flushed = (): Promise<void> =>
  new Promise((resolve) => {
    if (!process.connected || process.send === undefined) return resolve()
    process.send({ type: "alive" } satisfies ChildMessage, () => resolve())
  })

/** What an error says, in one line. */
export const firstLine = (error: unknown): string => {
  const text = error instanceof Error ? error.message : String(error)
  return text.split("\n")[0] ?? ""
}
