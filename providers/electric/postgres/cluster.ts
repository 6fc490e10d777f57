import { execFile } from "node:child_process"
import { randomBytes } from "node:crypto"
import { chownSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { promisify } from "node:util"
import { makeOwnedDirectory } from "../../owned-directory.ts"
import { endsWithin, type GuardedProcess, type LogTail, logTail, startGuarded } from "../guarded-process.ts"
import { freePort } from "../host-attempt.ts"
import { postgresBinaries, reachableByAll } from "./binaries.ts"
import { postgresFlags } from "./settings.ts"

const run = promisify(execFile)
const directoryPrefix = "sync-gauntlet-postgres-"
/** "nobody": Postgres refuses to run as root. */
const unprivilegedUser = 65_534
const startTimeoutMs = 20_000
const fastStopMs = 5_000
const killedWithinMs = 5_000
const startAttempts = 10
const betweenStartsMs = 100

/** One Postgres on a data directory of its own, in promises; what fails rejects. */
export interface PostgresCluster {
  readonly port: () => number
  readonly password: string
  readonly version: string
  readonly log: LogTail
  readonly isUp: () => boolean
  /** The postmaster's. Throws while it is down. */
  readonly pid: () => number
  /** Every process of it, the postmaster first; empty while it is down. */
  readonly pids: () => ReadonlyArray<number>
  readonly start: () => Promise<void>
  /** Orderly: open transactions are rolled back, connections end. */
  readonly stop: () => Promise<void>
  /** SIGKILL to all of its processes at once. */
  readonly kill: () => Promise<void>
  readonly pause: () => void
  readonly resume: () => void
  /** Ends it and removes its files. */
  readonly remove: () => Promise<void>
}

/** Makes a cluster; it is not started yet (`initdb` takes 0.8 s). */
export const makeCluster = async (settings: Readonly<Record<string, string>>): Promise<PostgresCluster> => {
  const binaries = postgresBinaries()
  const directory = makeOwnedDirectory(directoryPrefix)
  const asOther = process.getuid?.() === 0 ? { userId: unprivilegedUser } : {}
  const native = "userId" in asOther ? reachableByAll(binaries.native, directory) : binaries.native
  const data = join(directory, "data")
  const password = randomBytes(12).toString("hex")
  const log = logTail("Postgres")
  const env = { PATH: process.env["PATH"] ?? "/usr/bin:/bin", LC_ALL: "C", TZ: "UTC" }
  let running: GuardedProcess | undefined
  let port = 0
  let removed = false

  const initialise = async (): Promise<void> => {
    const passwordFile = join(directory, "password")
    writeFileSync(passwordFile, `${password}\n`)
    if ("userId" in asOther)
      for (const path of [directory, passwordFile]) chownSync(path, asOther.userId, asOther.userId)
    const args = ["-D", data, "-U", "postgres", `--pwfile=${passwordFile}`, "--auth=password", "--no-sync"]
    const identity = "userId" in asOther ? { uid: asOther.userId, gid: asOther.userId } : {}
    await run(join(native, "bin", "initdb"), [...args, "--encoding=UTF8", "--locale=C", "--no-instructions"], {
      ...identity,
      cwd: directory,
      env,
    })
  }

  const startOnce = (): Promise<GuardedProcess> =>
    new Promise((resolve, reject) => {
      const seen: Array<string> = []
      let isReady = false
      const child = startGuarded({
        ...asOther,
        command: join(native, "bin", "postgres"),
        args: postgresFlags(data, port, settings),
        env,
        cwd: directory,
        onOwnEnd: (how) => {
          if (isReady) log.addOwnEnd(how)
        },
        onLine: (line) => {
          log.add(line)
          seen.push(line)
          if (line.includes("database system is ready to accept connections")) succeed()
        },
      })
      const fail = (why: string): void => reject(new Error(`Postgres did not start: ${why}\n${seen.join("\n")}`))
      const timer = setTimeout(() => {
        child.signal("SIGKILL")
        fail(`it was not ready after ${startTimeoutMs / 1000} s`)
      }, startTimeoutMs)
      const succeed = (): void => {
        isReady = true
        clearTimeout(timer)
        resolve(child)
      }
      void child.ended.then((how) => {
        clearTimeout(timer)
        return fail(how)
      })
    })

  const start = async (): Promise<void> => {
    if (running?.isAlive() === true) return
    if (removed) throw new Error("this Postgres was removed")
    const isFirst = port === 0
    for (let attempt = 1; ; attempt += 1) {
      if (isFirst) port = await freePort()
      try {
        running = await startOnce()
        return
      } catch (error) {
        // Between the choice of a port and its use another process may have taken it; a client that asked for it while
        // nobody listened may hold it for an instant, and a dying process the memory.
        const isHeld = /could not bind|pre-existing shared memory/.test(String(error))
        if (attempt >= startAttempts || !isHeld) throw error
        if (!isFirst) await new Promise((resolve) => setTimeout(resolve, betweenStartsMs))
      }
    }
  }

  const stop = async (): Promise<void> => {
    const child = running
    if (child === undefined) return
    running = undefined
    child.signal("SIGINT")
    if (await endsWithin(child, fastStopMs)) return
    // It waits for a reader of the replication stream that does not answer.
    child.signal("SIGQUIT")
    if (await endsWithin(child, fastStopMs)) return
    await killAll(child)
  }

  const kill = async (): Promise<void> => {
    const child = running
    if (child === undefined) return
    running = undefined
    await killAll(child)
  }

  const up = (): GuardedProcess => {
    if (running === undefined) throw new Error("Postgres is down: start it first")
    return running
  }

  const cluster: PostgresCluster = {
    port: () => port,
    password,
    version: binaries.version.split("-")[0]?.replace(/\.0$/, "") ?? binaries.version,
    log,
    isUp: () => running?.isAlive() === true,
    pid: () => up().pid,
    pids: () => (running === undefined ? [] : [running.pid, ...childrenOf(running.pid)]),
    start,
    stop,
    kill,
    pause: () => {
      const { pid, signal } = up()
      // First the one that makes new ones.
      signal("SIGSTOP")
      signalAll(childrenOf(pid), "SIGSTOP")
    },
    resume: () => {
      const { pid, signal } = up()
      signalAll(childrenOf(pid), "SIGCONT")
      signal("SIGCONT")
    },
    remove: async () => {
      removed = true
      await kill()
      await releaseMemory(data)
      rmSync(directory, { recursive: true, force: true, maxRetries: 3 })
    },
  }
  try {
    await initialise()
  } catch (error) {
    await cluster.remove()
    throw error
  }
  return cluster
}

/**
 * Kills the postmaster and what it started: those would notice its end, but only when they look. Comes back when all are
 * gone: as long as one of them holds the shared memory no other postmaster starts on the same data.
 */
const killAll = async (postmaster: GuardedProcess): Promise<void> => {
  postmaster.signal("SIGSTOP")
  const children = childrenOf(postmaster.pid)
  postmaster.signal("SIGKILL")
  signalAll(children, "SIGKILL")
  await postmaster.ended
  for (let passedMs = 0; passedMs < killedWithinMs && children.some(isRunning); passedMs += 5) {
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

/**
 * Gives back the few bytes of shared memory that a killed postmaster leaves behind, one segment each: the system has
 * room for four thousand. The seventh line of its file tells which; one that ended in order has neither.
 */
const releaseMemory = async (data: string): Promise<void> => {
  try {
    const segment = readFileSync(join(data, "postmaster.pid"), "utf8").split("\n")[6]?.trim().split(/\s+/)[1]
    if (segment !== undefined) await run("ipcrm", ["-m", segment])
  } catch {
    // Ended in order, or the system has no such command.
  }
}

const signalAll = (pids: ReadonlyArray<number>, name: NodeJS.Signals): void => {
  for (const pid of pids) {
    try {
      process.kill(pid, name)
    } catch {
      // Already gone.
    }
  }
}

/** The processes that this one started and that still run. Elsewhere than on Linux nobody tells: none. */
const childrenOf = (pid: number): ReadonlyArray<number> => {
  if (process.platform !== "linux") return []
  return readdirSync("/proc").flatMap((name) => {
    const other = Number(name)
    if (!Number.isInteger(other)) return []
    try {
      return Number(statOf(other)[1]) === pid ? [other] : []
    } catch {
      return []
    }
  })
}

/** State, parent and what else Linux tells of a process behind its command's name, which may hold spaces. */
const statOf = (pid: number): ReadonlyArray<string> =>
  readFileSync(`/proc/${pid}/stat`, "utf8")
    .replace(/^.*\) /s, "")
    .split(" ")

/** Whether it holds anything still: what is dead and was not asked for its status does not. */
const isRunning = (pid: number): boolean => {
  try {
    return !["Z", "X"].includes(statOf(pid)[0] ?? "")
  } catch {
    return false
  }
}
