import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads"
import { watchAncestors } from "../ancestors.ts"
import { descendantsOf, endProcesses, readProcess, signal, type ProcessEntry } from "../processes.ts"

/*
 * Runs in a thread of its own, so that a child whose event loop is blocked still ends when its caller has gone.
 * When an ancestor goes it asks the main thread to stop, and after `stopMs` ends the process and all below it.
 */

interface WatchdogData {
  readonly ancestors: ReadonlyArray<ProcessEntry>
  readonly stopMs: number
}

/** Starts the watchdog of this process; `onGone` is called once, when an ancestor has gone. */
export const startWatchdog = (data: WatchdogData, onGone: () => void): void => {
  const worker = new Worker(new URL(import.meta.url), { workerData: data })
  worker.once("message", onGone)
  worker.unref()
}

/** Ends this process and everything below it, at once. */
const endSelf = (): never => {
  endProcesses(descendantsOf(process.pid))
  signal(process.pid, "SIGKILL")
  return process.exit(1)
}

if (!isMainThread && readProcess(process.pid) !== undefined) {
  const { ancestors, stopMs } = workerData as WatchdogData
  watchAncestors(ancestors, () => {
    parentPort?.postMessage("gone")
    setTimeout(endSelf, stopMs + 1_000)
  })
  // The watch keeps nothing alive by itself; this thread has nothing else to do than to watch.
  parentPort?.on("message", () => undefined)
}
