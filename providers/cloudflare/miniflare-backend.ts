import { readFileSync, rmSync } from "node:fs"
import { join } from "node:path"
import { createInterface } from "node:readline"
import type { Readable } from "node:stream"
import type { Miniflare, WorkerOptions } from "miniflare"
import { makeOwnedDirectory } from "../owned-directory.ts"
import { controlName, controlWorker, type ControlRequest } from "./control-worker.ts"
import { loadMiniflare } from "./load-miniflare.ts"
import { processUsage, type ProcessUsage } from "./process-usage.ts"
import { guardWorkerd } from "./workerd-guard.ts"

const host = "127.0.0.1"
const logLines = 200
const storagePrefix = "sync-gauntlet-workerd-"

/** One worker as miniflare takes it. Eviction needs its `name`. */
export type BackendWorker = WorkerOptions & {
  readonly name: string
  /** Workers that run beside it, reached through its bindings alone. */
  readonly beside?: ReadonlyArray<WorkerOptions>
}

/** A worker, or what makes it anew for each start. */
export type BackendWorkerSource = BackendWorker | (() => BackendWorker)

/**
 * One workerd under miniflare on storage of its own. Everything is a promise, so that code on another version of
 * Effect can use it too; what fails rejects.
 */
export interface MiniflareBackend {
  /** Where workerd listens; while it is down, where it last did. */
  readonly target: () => { readonly host: string; readonly port: number }
  /** Counts the starts of workerd, deploys and restarts included: 1 is the first. */
  readonly boot: () => number
  readonly isUp: () => boolean
  /** SIGKILL; workerd stays down until `start`. */
  readonly kill: () => Promise<void>
  /** Starts again on the same storage; nothing when it is up. */
  readonly start: () => Promise<void>
  /** Starts workerd anew with another worker on the same storage, as a deploy does. */
  readonly deploy: (worker: BackendWorkerSource) => Promise<void>
  /** Starts workerd anew on empty storage. */
  readonly startEmpty: () => Promise<void>
  /** SIGSTOP and SIGCONT. */
  readonly pause: () => void
  readonly resume: () => void
  /** Takes one object out of memory; `hibernate` keeps its sockets. */
  readonly evict: (className: string, name: string, webSockets: "hibernate" | "close") => Promise<void>
  /** Runs SQL inside one object, past its code. */
  readonly sql: (className: string, name: string, query: string) => Promise<ReadonlyArray<unknown>>
  /** CPU time over all starts and resident memory now. */
  readonly usage: () => ProcessUsage
  /** The last lines that workerd wrote. */
  readonly logTail: () => ReadonlyArray<string>
  readonly workerdVersion: string
  /** Where storage lies, removed by `stop`. */
  readonly directory: string
  /** The pid of the running workerd. Throws while it is down. */
  readonly pid: () => number
  /** The running miniflare, for what is not here. Throws while the backend is down. */
  readonly miniflare: () => Miniflare
  /** Ends workerd and removes its storage. */
  readonly stop: () => Promise<void>
}

interface Running {
  readonly miniflare: Miniflare
  readonly pid: number
  readonly control: (request: ControlRequest) => Promise<unknown>
}

/** Starts workerd with this worker (150 ms and more) on an empty storage directory. */
export const startMiniflareBackend = async (firstWorker: BackendWorkerSource): Promise<MiniflareBackend> => {
  const { Log, LogLevel, Miniflare } = await loadMiniflare()
  // Each commit waits for the file system, and nothing here ever cuts the power.
  const directory = makeOwnedDirectory(storagePrefix, { inMemory: true })
  const pidFile = join(directory, "workerd.pid")
  const storage = join(directory, "storage")
  const { runtimeEnv, workerdVersion } = guardWorkerd({ pidFile })
  // With the collector at hand a Worker can tell which of its objects are gone. Miniflare reads flags nowhere else.
  process.env["MINIFLARE_WORKERD_V8_FLAGS"] ??= "--expose-gc"
  const lines: Array<string> = []
  let source = firstWorker
  let running: Running | undefined
  let target = { host, port: 0 }
  let boot = 0
  let cpuMsBefore = 0
  let stopped = false

  // One after the other: a stop in the middle of a restart would find nothing running, and the start would go on
  // to make the directory anew.
  let last: Promise<unknown> = Promise.resolve()
  const inTurn = <A>(change: () => Promise<A>): Promise<A> => {
    const turn = last.then(change)
    last = turn.catch(() => undefined)
    return turn
  }

  const keepLine = (line: string): void => {
    lines.push(line)
    if (lines.length > logLines) lines.shift()
  }

  const start = async (): Promise<void> => {
    if (running !== undefined) return
    if (stopped) throw new Error("the backend was stopped")
    const { beside = [], ...worker } = typeof source === "function" ? source() : source
    const control = controlWorker(worker)
    const miniflare = new Miniflare({
      host,
      port: 0,
      cf: false,
      log: new Log(LogLevel.NONE),
      defaultPersistRoot: storage,
      unsafeInspectDurableObjects: true,
      unsafeRuntimeEnv: runtimeEnv,
      handleRuntimeStdio: (stdout: Readable, stderr: Readable) => {
        for (const stream of [stdout, stderr]) createInterface(stream).on("line", keepLine)
      },
      // A direct socket spares each request the way through miniflare's own entry worker.
      workers: [{ ...worker, unsafeDirectSockets: [{ host, port: 0 }] }, ...beside, control.options],
    })
    try {
      await miniflare.ready
      target = { host, port: Number((await miniflare.unsafeGetDirectURL(worker.name)).port) }
      const controlUrl = await miniflare.unsafeGetDirectURL(controlName)
      const pid = Number(readFileSync(pidFile, "utf8"))
      running = { miniflare, pid, control: (request) => control.ask(controlUrl, request) }
      boot += 1
    } catch (error) {
      await miniflare.dispose().catch(() => undefined)
      throw error
    }
  }

  const end = async (): Promise<void> => {
    if (running === undefined) return
    const { miniflare, pid } = running
    running = undefined
    cpuMsBefore += processUsage(pid).cpuMs
    signal(pid, "SIGKILL")
    // Called before miniflare can notice the death: it would start workerd again by itself.
    await miniflare.dispose()
  }

  const up = (): Running => {
    if (running === undefined) throw new Error("workerd is down: start it first")
    return running
  }

  const stop = (): Promise<void> => {
    stopped = true
    return inTurn(async () => {
      await end()
      rmSync(directory, { recursive: true, force: true, maxRetries: 3 })
    })
  }

  try {
    await start()
  } catch (error) {
    await stop()
    throw error
  }

  return {
    target: () => target,
    boot: () => boot,
    isUp: () => running !== undefined,
    kill: () => inTurn(end),
    start: () => inTurn(start),
    deploy: (next) =>
      inTurn(async () => {
        source = next
        await end()
        await start()
      }),
    startEmpty: () =>
      inTurn(async () => {
        await end()
        rmSync(storage, { recursive: true, force: true })
        await start()
      }),
    pause: () => signal(up().pid, "SIGSTOP"),
    resume: () => signal(up().pid, "SIGCONT"),
    evict: async (className, name, webSockets) => {
      await up().control({ operation: "evict", className, name, webSockets })
    },
    sql: async (className, name, query) =>
      (await up().control({ operation: "sql", className, name, query })) as ReadonlyArray<unknown>,
    usage: () => {
      const now = running === undefined ? { cpuMs: 0, memoryBytes: 0 } : processUsage(running.pid)
      return { cpuMs: cpuMsBefore + now.cpuMs, memoryBytes: now.memoryBytes }
    },
    logTail: () => lines.slice(),
    workerdVersion,
    directory,
    pid: () => up().pid,
    miniflare: () => up().miniflare,
    stop,
  }
}

const signal = (pid: number, name: NodeJS.Signals): void => {
  try {
    process.kill(pid, name)
  } catch {
    // Already gone.
  }
}
