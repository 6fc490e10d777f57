import { runInChild } from "../harness/children/run-in-child.ts"
import { readProcess } from "../harness/processes.ts"
import { childEntry } from "./run-suites.ts"
import type { ChosenProvider, KnownProvider } from "./select-providers.ts"
import { childStopMs, type StopSignals } from "./stop-signals.ts"
import { UsageError } from "./usage-error.ts"

/** How long the import of a provider file may keep its process from turning, in milliseconds. */
const loadMs = 30_000

/**
 * Loads each provider file once, in a child process, before anything runs: a file that cannot be used is a
 * `UsageError` and leaves nothing behind. Gives every provider with its key.
 */
export const probeFiles = async (
  providers: ReadonlyArray<ChosenProvider>,
  stop: StopSignals,
): Promise<ReadonlyArray<KnownProvider>> => {
  const probed: Array<KnownProvider> = []
  for (const provider of providers) {
    const key = provider.source.kind === "registered" ? provider.source.key : await probe(provider, stop)
    const other = probed.find((earlier) => earlier.key === key)
    if (other !== undefined) {
      throw new UsageError(
        `${provider.name} has the key "${key}", like ${other.name}: give it another or run them one by one`,
      )
    }
    probed.push({ ...provider, key })
  }
  return probed
}

const probe = async (provider: ChosenProvider, stop: StopSignals): Promise<string> => {
  const end = await runInChild({
    entry: childEntry(provider.source),
    plan: {
      mode: "probe",
      source: provider.source,
      checks: [],
      seed: 0,
      historyFile: "",
      ancestors: [readProcess(process.pid)!, ...stop.ancestors],
      stopMs: childStopMs,
    },
    onMessage: () => undefined,
    signal: stop.signal,
    logFile: undefined,
    silentMs: loadMs,
  })
  if (end.how === "probed") return end.card.key
  if (end.how === "bad-provider") throw new UsageError(end.message)
  if (end.how === "stopped") throw new UsageError("interrupted")
  const why = "message" in end ? end.message : end.how
  throw new UsageError(`${provider.name} cannot be loaded: ${why}`)
}
