import { commandOf, environmentOf, isAlive, readProcess, type ProcessEntry } from "./processes.ts"

/*
 * A signal to `npx` ends npx alone: pnpm, a shell and node below it live on, each with a new parent. So the
 * command and its children look up: when one of the processes above them has gone, the caller has gone.
 *
 * Watched are the ancestors of the same session, its leader included. An interactive shell and all above it are
 * not: who closes a terminal says so with SIGHUP, and who sent a run to the background wants it to go on.
 */

/** How often the chain is looked at, in milliseconds. */
const ancestorPollMs = 300

/** The ancestors to watch, the nearest first. */
export const ancestorChain = (pid = process.pid): ReadonlyArray<ProcessEntry> => {
  const self = readProcess(pid)
  const chain: Array<ProcessEntry> = []
  let next = self === undefined ? undefined : readProcess(self.parent)
  while (next !== undefined && next.pid > 1 && next.session === self!.session && !isInteractiveShell(next.pid)) {
    chain.push(next)
    next = readProcess(next.parent)
  }
  return chain
}

/**
 * Whether a process above had gone before anybody looked. A process has its parent's session unless it leads one
 * of its own: the topmost one, when it leads none and its parent is of another session, was taken over by init.
 * That alone may be meant ("npx … &" in a shell that ends); but one that npm or pnpm had started has lost it.
 */
export const isOrphaned = (chain: ReadonlyArray<ProcessEntry>, pid = process.pid): boolean => {
  const top = chain.at(-1) ?? readProcess(pid)
  if (top === undefined || top.session === 0 || top.session === top.pid) return false
  return readProcess(top.parent)?.session !== top.session && "npm_command" in environmentOf(top.pid)
}

/**
 * Calls `onGone` once, when one of the chain has gone. Gives back what stops the watch, which keeps no process
 * alive by itself.
 */
export const watchAncestors = (
  chain: ReadonlyArray<ProcessEntry>,
  onGone: (gone: ProcessEntry) => void,
  pollMs = ancestorPollMs,
): (() => void) => {
  const timer = setInterval(() => {
    const gone = chain.find((entry) => !isAlive(entry))
    if (gone === undefined) return
    clearInterval(timer)
    onGone(gone)
  }, pollMs)
  timer.unref()
  return () => clearInterval(timer)
}

const shells = new Set(["sh", "bash", "dash", "zsh", "fish", "ksh", "ash"])

/** A shell that was given neither a command nor a script to run reads from somebody. */
const isInteractiveShell = (pid: number): boolean => {
  const [name, ...args] = commandOf(pid)
  const base = (name ?? "").replace(/^-/, "").split("/").at(-1) ?? ""
  return shells.has(base) && args.every((arg) => arg.startsWith("-") && !/^-[a-z]*c/.test(arg))
}
