import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads"
import { watchAncestors } from "../ancestors.ts"
import { removeOwnedDirectories } from "../../providers/owned-directory.ts"
import { areGone, descendantsOf, endProcesses, readProcess, signal, type ProcessEntry } from "../processes.ts"

/*
 * Runs in a thread of its own, so that a child whose event loop is blocked still ends when its caller has gone.
 * When the command goes, or somebody above it and the command says nothing, it asks the main thread to stop, and
 * after `stopMs` ends the process and all below it.
 */

interface WatchdogData {
  readonly ancestors: ReadonlyArray<ProcessEntry>
  readonly stopMs: number
}

/** How long the command has to tell its child that somebody above it has gone, in milliseconds. */
const tellMs = 3_000

/** Starts the watchdog of this process; `onGone` is called once, when an ancestor has gone. */
export const startWatchdog = (data: WatchdogData, onGone: () => void): void => {
  const worker = new Worker(new URL(import.meta.url), { workerData: data })
  worker.once("message", onGone)
  worker.unref()
}

/** How long what is below this process may take to be gone, in milliseconds. */
const goneMs = 2_000

/** Ends everything below this process, removes its temporary files, and ends it. */
const endSelf = async (): Promise<never> => {
  const below = [...descendantsOf(process.pid)]
  endProcesses(below)
  // Who still writes would leave files behind.
  await areGone(below, goneMs)
  removeOwnedDirectories(process.pid)
  signal(process.pid, "SIGKILL")
  return process.exit(1)
}

if (!isMainThread && readProcess(process.pid) !== undefined) {
  const { ancestors, stopMs } = workerData as WatchdogData
  watchAncestors(ancestors, ({ pid }) => {
    // The command sees the end of those above it as well, and says so: it knows better what is to be told.
    const waitMs = pid === ancestors[0]?.pid ? 0 : tellMs
    setTimeout(() => parentPort?.postMessage("gone"), waitMs)
    setTimeout(() => void endSelf(), waitMs + stopMs + 1_000)
  })
  // The watch keeps nothing alive by itself; this thread has nothing else to do than to watch.
  parentPort?.on("message", () => undefined)
}
