import { mkdtempSync, readdirSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

/**
 * Makes a directory for temporary files whose name says which process it belongs to, and removes those of the same
 * prefix whose owner was killed before it could do so. A prefix begins with "sync-gauntlet-". The caller removes the
 * directory in the end.
 */
export const makeOwnedDirectory = (prefix: string): string => {
  for (const name of readdirSync(tmpdir())) {
    const owner = name.startsWith(prefix) ? Number(name.slice(prefix.length).split("-")[0]) : Number.NaN
    if (Number.isInteger(owner) && !isAlive(owner)) removeAbandoned(join(tmpdir(), name))
  }
  return mkdtempSync(join(tmpdir(), `${prefix}${process.pid}-`))
}

/** Removes every such directory of a process, whatever its prefix, when that process can no longer do so. */
export const removeOwnedDirectories = (pid: number): void => {
  for (const name of readdirSync(tmpdir())) {
    if (name.startsWith("sync-gauntlet-") && name.includes(`-${pid}-`)) removeAbandoned(join(tmpdir(), name))
  }
}

const removeAbandoned = (path: string): void => {
  try {
    rmSync(path, { recursive: true, force: true })
  } catch {
    // Another user's, or one that another process removes at this moment.
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
