import { readFileSync } from "node:fs"
import { processUsage } from "../cloudflare/process-usage.ts"

const pageBytes = 4096

/**
 * Memory of one process that it shares with no other, in bytes: each of Postgres's processes counts as its own what it
 * touched of the buffers that all of them share. Elsewhere than on Linux all that is resident; 0 when it is gone.
 */
export const ownMemoryBytes = (pid: number): number => {
  if (process.platform !== "linux") return processUsage(pid).memoryBytes
  try {
    const [, resident = 0, shared = 0] = readFileSync(`/proc/${pid}/statm`, "utf8").split(" ").map(Number)
    return (resident - shared) * pageBytes
  } catch {
    return 0
  }
}
