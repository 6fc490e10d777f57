import { hostname } from "node:os"
import { readFileSync } from "node:fs"

/** Everything that a run makes on an engine carries it; its value is the run's own id. */
export const runLabel = "sync-gauntlet.run"

/** Whose it is: the process that made it, so that a later run can tell what was left behind. */
const ownerLabel = "sync-gauntlet.owner"

/** The labels of one run of this process. */
export const labelsOf = (runId: string): Record<string, string> => ({
  [runLabel]: runId,
  [ownerLabel]: `${hostname()} ${process.pid} ${startedOf(process.pid) ?? ""}`.trim(),
})

/** Whether the process that made a labelled thing ran on this machine and is gone; of others' things nothing is known. */
export const isAbandoned = (labels: Readonly<Record<string, string>>): boolean => {
  const [host, pid, started] = (labels[ownerLabel] ?? "").split(" ")
  if (host !== hostname() || pid === undefined) return false
  return started === undefined ? !isAlive(Number(pid)) : startedOf(Number(pid)) !== started
}

/** When a process began, in the kernel's own count: a later one with its pid began later. Only Linux tells. */
const startedOf = (pid: number): string | undefined => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8")
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19]
  } catch {
    return undefined
  }
}

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM"
  }
}
