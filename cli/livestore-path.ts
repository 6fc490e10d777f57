import { fork } from "node:child_process"
import { rmSync } from "node:fs"
import { resolve } from "node:path"
import { needsOf } from "../providers/livestore-host/checkout/parts.ts"
import type { CheckoutToPrepare } from "../providers/livestore-host/checkout/prepare-checkout.ts"
import { makeOwnedDirectory } from "../providers/owned-directory.ts"
import { registry } from "../providers/registry.ts"
import type { Prepared } from "./livestore-child.ts"
import type { KnownProvider } from "./select-providers.ts"
import { UsageError } from "./usage-error.ts"

/** How long a working copy may take until it is bundled and its constructors have been called, in milliseconds. */
const prepareMs = 120_000

const entry = new URL("./livestore-child.ts", import.meta.url)

/** A working copy of LiveStore that is ready to be judged. */
export interface PreparedCheckout {
  /** These providers, LiveStore's own with the working copy's code. */
  readonly providers: ReadonlyArray<KnownProvider>
  /** Removes the bundles. */
  readonly remove: () => void
}

/** Providers of a run on a working copy that names none: those of LiveStore's that a default run has. */
export const livestoreKeys = (): ReadonlyArray<string> => registry.flatMap(({ key }) => (needsOf.has(key) ? [key] : []))

/**
 * Bundles what the chosen providers need of a working copy of LiveStore, in a child process. `UsageError`, one line,
 * when it cannot be judged or no provider of LiveStore's is chosen; nothing is left behind then.
 */
export const prepareLivestore = async (input: {
  readonly path: string
  readonly cwd: string
  readonly providers: ReadonlyArray<KnownProvider>
  readonly signal: AbortSignal
}): Promise<PreparedCheckout> => {
  const keys = input.providers.map(({ key }) => key).filter((key) => needsOf.has(key))
  if (keys.length === 0) {
    throw new UsageError(
      `--livestore-path concerns LiveStore's providers, and none is chosen; there are ${[...needsOf.keys()].join(", ")}`,
    )
  }
  const bundles = makeOwnedDirectory("sync-gauntlet-checkout-")
  const remove = () => rmSync(bundles, { recursive: true, force: true })
  try {
    const { bad } = await ask({ dir: resolve(input.cwd, input.path), into: bundles, keys }, input.signal)
    if (bad !== undefined) throw new UsageError(bad)
  } catch (error) {
    remove()
    throw error
  }
  const withCode = (provider: KnownProvider): KnownProvider =>
    provider.source.kind === "registered" && keys.includes(provider.key)
      ? { ...provider, source: { ...provider.source, bundles } }
      : provider
  return { providers: input.providers.map(withCode), remove }
}

const ask = (message: CheckoutToPrepare, signal: AbortSignal): Promise<Prepared> =>
  new Promise((done, failed) => {
    const child = fork(entry, [], { execArgv: [], serialization: "json", stdio: ["ignore", "ignore", "ignore", "ipc"] })
    const end = () => child.kill("SIGKILL")
    const late = setTimeout(() => {
      answer = { bad: `${message.dir} was not ready after ${prepareMs / 1000} s` }
      end()
    }, prepareMs)
    let answer: Prepared | undefined
    signal.addEventListener("abort", end, { once: true })
    child.on("message", (prepared: Prepared) => (answer = prepared))
    child.on("error", failed)
    child.once("exit", (code, killedBy) => {
      clearTimeout(late)
      signal.removeEventListener("abort", end)
      const how = killedBy === null ? `exit code ${code}` : `signal ${killedBy}`
      done(answer ?? { bad: `${message.dir} cannot be bundled: the process ended by ${how}` })
    })
    if (signal.aborted) return end()
    child.send(message)
  })
