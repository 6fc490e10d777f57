import { mkdirSync, rmSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { Effect, type Scope } from "effect"
import type { HostError } from "../../../contract/errors.ts"
import { makeOwnedDirectory } from "../../owned-directory.ts"
import type { ControlledProcess } from "../controlled-process.ts"
import { endsWithin, type GuardedProcess, logTail, startGuarded } from "../guarded-process.ts"
import { freePort, hostAttempt as attempt } from "../host-attempt.ts"
import { type Limits, limitsVariable } from "./configuration.ts"

const program = fileURLToPath(new URL("main.ts", import.meta.url))
const directoryPrefix = "sync-gauntlet-shape-server-"
const pollEveryMs = 10
const stopTimeoutMs = 5_000

/** How a shape server is started. */
export interface ShapeServerOptions {
  readonly databaseUrl: string
  /** Absent: everybody may ask. */
  readonly secret?: string
  /** Names its slot and its publication: a-z, 0-9 and _. */
  readonly replicationStreamId?: string
  /** Whether DELETE is allowed; Electric allows it for tests only. */
  readonly allowsDeletion?: boolean
  /** Limits other than those that were measured of Electric. */
  readonly limits?: Partial<Limits>
  /** It fails when it is not healthy after this time. Default 30 s. */
  readonly readyTimeoutMs?: number
}

/** A running shape server. It ends with its scope. */
export interface ShapeServer extends ControlledProcess {
  readonly url: string
  readonly port: number
  /** As `start`, but returns once it listens: its database may be down. */
  readonly startUnready: Effect.Effect<void, HostError>
  /** Stops it, removes its storage and starts it. */
  readonly wipe: Effect.Effect<void, HostError>
}

/** Starts a shape server on empty storage and waits until it is healthy (0.5 s). */
export const startShapeServer = (options: ShapeServerOptions): Effect.Effect<ShapeServer, HostError, Scope.Scope> =>
  Effect.gen(function* () {
    const port = yield* attempt("find a port", freePort)
    const server = yield* Effect.acquireRelease(
      Effect.sync(() => serverProcess(options, port)),
      (made) => Effect.promise(() => made.remove()),
    )
    yield* attempt("start the shape server", () => server.start(true))
    return {
      url: server.url,
      port,
      isUp: server.isUp,
      pid: server.pid,
      logTail: server.log.lines,
      ownEnds: server.log.ownEnds,
      kill: attempt("kill the shape server", () => server.end("SIGKILL")),
      stop: attempt("stop the shape server", () => server.end("SIGTERM")),
      start: attempt("start the shape server", () => server.start(true)),
      startUnready: attempt("start the shape server", () => server.start(false)),
      restart: attempt("restart the shape server", async () => {
        await server.end("SIGTERM")
        await server.start(true)
      }),
      wipe: attempt("wipe the shape server", async () => {
        await server.end("SIGTERM")
        server.wipe()
        await server.start(true)
      }),
      pause: attempt("pause the shape server", () => server.signal("SIGSTOP")),
      resume: attempt("resume the shape server", () => server.signal("SIGCONT")),
    }
  })

const serverProcess = (options: ShapeServerOptions, port: number) => {
  const directory = makeOwnedDirectory(directoryPrefix)
  const storage = join(directory, "storage")
  const url = `http://127.0.0.1:${port}`
  const log = logTail("the shape server")
  let running: GuardedProcess | undefined

  const env = (): Record<string, string> => ({
    ...Object.fromEntries(
      Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined),
    ),
    DATABASE_URL: options.databaseUrl,
    ELECTRIC_PORT: String(port),
    ELECTRIC_STORAGE_DIR: storage,
    ELECTRIC_REPLICATION_STREAM_ID: options.replicationStreamId ?? "default",
    ...(options.secret === undefined
      ? { ELECTRIC_INSECURE: "true", ELECTRIC_SECRET: "" }
      : { ELECTRIC_SECRET: options.secret, ELECTRIC_INSECURE: "" }),
    ...(options.allowsDeletion === true ? { ELECTRIC_ENABLE_INTEGRATION_TESTING: "true" } : {}),
    [limitsVariable]: JSON.stringify(options.limits ?? {}),
  })

  const start = async (untilHealthy: boolean): Promise<void> => {
    if (running?.isAlive() === true) return
    mkdirSync(storage, { recursive: true })
    const child = startGuarded({
      command: process.execPath,
      args: [program],
      env: env(),
      cwd: directory,
      onLine: log.add,
      onOwnEnd: log.addOwnEnd,
    })
    running = child
    const until = Date.now() + (options.readyTimeoutMs ?? 30_000)
    for (;;) {
      const answer = await fetch(`${url}/v1/health`, { headers: { connection: "close" } }).catch(() => undefined)
      if (answer !== undefined && (answer.status === 200 || !untilHealthy)) return
      if (running !== child) throw new Error("it was ended meanwhile")
      if (!child.isAlive() || Date.now() > until) {
        const how = child.isAlive() ? `it is not healthy: ${(await answer?.text()) ?? "no answer"}` : await child.ended
        await end("SIGKILL")
        throw new Error(`${how}\n${log.lines().join("\n")}`)
      }
      await new Promise((resolve) => setTimeout(resolve, pollEveryMs))
    }
  }
  const end = async (signal: "SIGTERM" | "SIGKILL"): Promise<void> => {
    const child = running
    if (child === undefined) return
    running = undefined
    child.signal(signal)
    if (await endsWithin(child, stopTimeoutMs)) return
    child.signal("SIGKILL")
    await child.ended
  }
  const up = (): GuardedProcess => {
    if (running === undefined) throw new Error("the shape server is down: start it first")
    return running
  }
  return {
    url,
    start,
    end,
    isUp: () => running?.isAlive() === true,
    pid: () => up().pid,
    log,
    signal: (name: NodeJS.Signals) => up().signal(name),
    wipe: () => rmSync(storage, { recursive: true, force: true }),
    remove: async () => {
      await end("SIGKILL")
      rmSync(directory, { recursive: true, force: true, maxRetries: 3 })
    },
  }
}
