import { execFileSync } from "node:child_process"
import { readdirSync, readFileSync } from "node:fs"

/** One process of this machine. `started` tells two processes apart that had the same pid one after the other. */
export interface ProcessEntry {
  readonly pid: number
  readonly parent: number
  /** Process group. */
  readonly group: number
  /** Session; 0 where the platform does not tell. */
  readonly session: number
  readonly started: string
}

const hasProc = process.platform === "linux"

/** Reads one process; undefined when there is none (a zombie is none: it only waits to be reaped). */
export const readProcess = (pid: number): ProcessEntry | undefined => {
  if (!hasProc) return listProcesses().find((entry) => entry.pid === pid)
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8")
    // The name in brackets may itself hold spaces and brackets: fields are counted from the last one.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ")
    if (fields[0] === "Z" || fields[0] === "X") return undefined
    return {
      pid,
      parent: Number(fields[1]),
      group: Number(fields[2]),
      session: Number(fields[3]),
      started: fields[19] ?? "",
    }
  } catch {
    return undefined
  }
}

/** All processes that can be seen. */
export const listProcesses = (): ReadonlyArray<ProcessEntry> => {
  if (hasProc) {
    return readdirSync("/proc")
      .filter((name) => /^\d+$/.test(name))
      .flatMap((name) => readProcess(Number(name)) ?? [])
  }
  const text = execFileSync("ps", ["-axo", "pid=,ppid=,pgid=,state=,lstart="], { encoding: "utf8" })
  return text.split("\n").flatMap((line) => {
    const [pid, parent, group, state, ...started] = line.trim().split(/\s+/)
    if (pid === undefined || pid === "" || state?.startsWith("Z") === true) return []
    return [{ pid: Number(pid), parent: Number(parent), group: Number(group), session: 0, started: started.join(" ") }]
  })
}

/** Every process below `root`, children of children too; `root` itself is not among them. */
export const descendantsOf = (root: number, all = listProcesses()): ReadonlyArray<ProcessEntry> => {
  const below: Array<ProcessEntry> = []
  let parents = new Set([root])
  while (parents.size > 0) {
    const next = all.filter((entry) => parents.has(entry.parent))
    below.push(...next)
    parents = new Set(next.map((entry) => entry.pid))
  }
  return below
}

/** Whether this very process is there: not a later one with its pid, as far as the platform can tell cheaply. */
export const isAlive = (entry: ProcessEntry): boolean =>
  hasProc ? readProcess(entry.pid)?.started === entry.started : signal(entry.pid, 0)

/** The words that a process was started with; none where that cannot be read. */
export const commandOf = (pid: number): ReadonlyArray<string> => {
  try {
    return hasProc
      ? readFileSync(`/proc/${pid}/cmdline`, "utf8").replace(/\0$/, "").split("\0")
      : execFileSync("ps", ["-o", "command=", "-p", String(pid)], { encoding: "utf8" })
          .trim()
          .split(/\s+/)
  } catch {
    return []
  }
}

/** Ends these processes at once, those that are still the same. */
export const endProcesses = (entries: Iterable<ProcessEntry>): void => {
  for (const entry of entries) {
    if (isAlive(entry)) signal(entry.pid, "SIGKILL")
  }
}

/** The environment that a process was started with; empty where that cannot be read. */
export const environmentOf = (pid: number): Readonly<Record<string, string>> => {
  if (!hasProc) return {}
  try {
    const pairs = readFileSync(`/proc/${pid}/environ`, "utf8").split("\0")
    return Object.fromEntries(
      pairs.map((pair) => [pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1)]),
    )
  } catch {
    return {}
  }
}

/** Waits until none of these is there any more; false when time ran out. */
export const areGone = async (entries: Iterable<ProcessEntry>, withinMs: number): Promise<boolean> => {
  const until = performance.now() + withinMs
  const all = [...entries]
  while (all.some(isAlive)) {
    if (performance.now() > until) return false
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  return true
}

/** Sends a signal to a process, or with a negative number to a group; false when there is none. */
export const signal = (pid: number, name: NodeJS.Signals | 0): boolean => {
  try {
    return process.kill(pid, name)
  } catch (error) {
    // A process of somebody else is there, though it cannot be signalled.
    return name === 0 && (error as NodeJS.ErrnoException).code === "EPERM"
  }
}
