import { readdirSync, readFileSync } from "node:fs"

/**
 * The processes of a container, the first one first, as this machine counts them. None where the engine is on another
 * machine or counts its processes apart: then nothing here belongs to a container of this name.
 */
export const processesOf = (containerId: string, first: number): ReadonlyArray<number> => {
  if (first === 0 || process.platform !== "linux" || !belongs(first, containerId)) return []
  const parents = new Map<number, number>()
  for (const name of readdirSync("/proc")) {
    const pid = Number(name)
    if (Number.isInteger(pid)) parents.set(pid, parentOf(pid))
  }
  const inside = [first]
  for (const parent of inside) {
    for (const [pid, above] of parents) if (above === parent) inside.push(pid)
  }
  return inside
}

const read = (path: string): string => {
  try {
    return readFileSync(path, "utf8")
  } catch {
    return ""
  }
}

const belongs = (pid: number, containerId: string): boolean => read(`/proc/${pid}/cgroup`).includes(containerId)

/** The second field behind the command's name, which may hold spaces; 0 when the process is gone. */
const parentOf = (pid: number): number =>
  Number(
    read(`/proc/${pid}/stat`)
      .replace(/^.*\) /s, "")
      .split(" ")[1] ?? 0,
  )
