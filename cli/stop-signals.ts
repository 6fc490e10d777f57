import { ancestorChain, isOrphaned, watchAncestors } from "../harness/ancestors.ts"
import { descendantsOf, endProcesses, type ProcessEntry } from "../harness/processes.ts"

/** How long children may take to stop in good order, in milliseconds. */
export const childStopMs = 8_000

/** How long the whole command may take to stop, partial report included, before it ends at once. */
const wholeStopMs = childStopMs + 7_000

/** One press of Ctrl-C can come twice: from the terminal and from the process above. In milliseconds. */
const samePressMs = 700

/** The wish to stop, from whatever side it comes. */
export interface StopSignals {
  /** Aborted at the first signal, or when a process above this one has gone. */
  readonly signal: AbortSignal
  /** The processes above this one. */
  readonly ancestors: ReadonlyArray<ProcessEntry>
  /** Stops listening. */
  readonly close: () => void
}

/**
 * Listens for SIGINT, SIGTERM, SIGHUP and for the end of the processes above. The first asks for an orderly stop;
 * a second one, or an orderly stop that takes too long, ends everything at once with exit code 130.
 */
export const listenForStop = (options: {
  readonly onStop: (why: string) => void
  /** Removes what would be left behind when everything ends at once. */
  readonly onEndNow: () => void
}): StopSignals => {
  const controller = new AbortController()
  const ancestors = ancestorChain()
  let stoppedAt: number | undefined
  let late: NodeJS.Timeout | undefined

  const endNow = (): never => {
    endProcesses(descendantsOf(process.pid))
    options.onEndNow()
    return process.exit(130)
  }
  const stop = (why: string) => {
    if (stoppedAt !== undefined) {
      if (performance.now() - stoppedAt > samePressMs) endNow()
      return
    }
    stoppedAt = performance.now()
    late = setTimeout(endNow, wholeStopMs)
    late.unref()
    options.onStop(why)
    controller.abort()
  }
  const names = ["SIGINT", "SIGTERM", "SIGHUP"] as const
  for (const name of names) process.on(name, stop)
  const unwatch = watchAncestors(ancestors, (gone) => stop(`process ${gone.pid}, which started this one, has ended`))
  if (isOrphaned(ancestors)) stop("what started this process had ended before it began")
  return {
    signal: controller.signal,
    ancestors,
    close: () => {
      clearTimeout(late)
      unwatch()
      for (const name of names) process.off(name, stop)
    },
  }
}
