import { execFileSync } from "node:child_process"
import { readFileSync } from "node:fs"

/** What one process has used. */
export interface ProcessUsage {
  /** CPU time so far, in milliseconds, user and system. */
  readonly cpuMs: number
  /** Resident memory now, in bytes. */
  readonly memoryBytes: number
}

const nothing: ProcessUsage = { cpuMs: 0, memoryBytes: 0 }
const clockTicksPerSecond = 100
const pageBytes = 4096

/** Reads a process's usage from `/proc`, else from `ps`; zeros when it is gone. */
export const processUsage = (pid: number): ProcessUsage => {
  if (process.platform === "linux") {
    try {
      // Fields count from behind the command's name, which may hold spaces: 12 and 13 are utime and stime.
      const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
        .replace(/^.*\) /s, "")
        .split(" ")
      const ticks = Number(fields[11]) + Number(fields[12])
      return { cpuMs: (ticks * 1000) / clockTicksPerSecond, memoryBytes: Number(fields[21]) * pageBytes }
    } catch {
      return nothing
    }
  }
  return usageFromPs(pid)
}

const usageFromPs = (pid: number): ProcessUsage => {
  try {
    const line = execFileSync("ps", ["-o", "time=,rss=", "-p", String(pid)], { encoding: "utf8" }).trim()
    const [time = "0", rss = "0"] = line.split(/\s+/)
    const seconds = time.split(/[:-]/).reduce((sum, part) => sum * 60 + Number(part), 0)
    return { cpuMs: seconds * 1000, memoryBytes: Number(rss) * 1024 }
  } catch {
    return nothing
  }
}
