import { accessSync, constants, mkdtempSync, readdirSync, readlinkSync, rmSync, statfsSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

/** Where Linux has a file system in memory, and what has to be free there: many hosts keep their storage in it. */
const memoryRoot = "/dev/shm"
const freeBytesAtLeast = 1024 ** 3

/** A place for such directories; names of directories that may be removed there hold `tag`. */
interface Place {
  readonly root: string
  readonly tag: string
}

const temporary = (): Place => ({ root: tmpdir(), tag: "" })

/** The file system in memory, where there is one. A caller who says where temporary files belong is obeyed. */
const memory = (): Place | undefined => {
  if (process.platform !== "linux" || (process.env["TMPDIR"] ?? "") !== "") return undefined
  try {
    accessSync(memoryRoot, constants.W_OK)
    // Containers may share it, and the number of a process says nothing in another one.
    return { root: memoryRoot, tag: `${/\d+/.exec(readlinkSync("/proc/self/ns/pid"))?.[0]}-` }
  } catch {
    return undefined
  }
}

const hasRoom = ({ root }: Place): boolean => {
  const { bavail, bsize } = statfsSync(root)
  return bavail * bsize >= freeBytesAtLeast
}

const places = (): ReadonlyArray<Place> => [temporary(), memory()].filter((place) => place !== undefined)

const namesIn = (root: string): ReadonlyArray<string> => {
  try {
    return readdirSync(root)
  } catch {
    return []
  }
}

/**
 * Makes a directory for temporary files whose name says which process it belongs to, and removes those of the same
 * prefix whose owner was killed before it could do so. A prefix begins with "sync-gauntlet-". The caller removes the
 * directory in the end. `inMemory` where possible: what is written there survives the death of every process, and
 * nothing waits for a disk.
 */
export const makeOwnedDirectory = (prefix: string, options: { readonly inMemory?: boolean } = {}): string => {
  for (const { root, tag } of places()) {
    for (const name of namesIn(root)) {
      const owner = name.startsWith(prefix) ? Number(name.slice(prefix.length).split("-")[0]) : Number.NaN
      const isOwn = name.startsWith(`${prefix}${owner}-${tag}`)
      if (isOwn && !isAlive(owner)) removeAbandoned(join(root, name))
    }
  }
  const fast = options.inMemory === true ? memory() : undefined
  const { root, tag } = fast !== undefined && hasRoom(fast) ? fast : temporary()
  return mkdtempSync(join(root, `${prefix}${process.pid}-${tag}`))
}

/** Removes every such directory of a process, whatever its prefix, when that process can no longer do so. */
export const removeOwnedDirectories = (pid: number): void => {
  for (const { root, tag } of places()) {
    for (const name of namesIn(root)) {
      if (name.startsWith("sync-gauntlet-") && name.includes(`-${pid}-${tag}`)) removeAbandoned(join(root, name))
    }
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
