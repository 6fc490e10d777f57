import { tmpdir } from "node:os"
import { fileURLToPath } from "node:url"
import { Effect, type Scope } from "effect"
import { HostError } from "../../../contract/errors.ts"
import { endsWithin, logTail, startGuarded, type GuardedProcess } from "../guarded-process.ts"

/** What was compiled once is kept, where this process keeps it too: a start takes half the processor. */
const compileCache = (): Readonly<Record<string, string>> => {
  const directory = process.env["NODE_COMPILE_CACHE"]
  return directory === undefined ? {} : { NODE_COMPILE_CACHE: directory }
}

const pushApi = fileURLToPath(new URL("./main.ts", import.meta.url))
const startTimeoutMs = 15_000
const farewellMs = 2_000

/** What a push API is started with; read at each start. */
export interface PushApiOptions {
  readonly databaseUrl: () => string
  readonly electric: () => { readonly url: string; readonly secret?: string }
  /** Opens the harness's paths. */
  readonly token: string
  /** Ids of payloads that are revoked. */
  readonly revoked: () => ReadonlyArray<string>
  /** The planted bug to run with. */
  readonly mutant?: string
  /** The program's file; default: the push API. Another one is started, told its port and ended in the same way. */
  readonly program?: string
}

/** A push API in a process of its own. It ends with its scope, and with this process however that ends. */
export interface PushApiProcess {
  /** Where it listens; another port after each start. */
  readonly target: () => { readonly host: string; readonly port: number }
  readonly isUp: () => boolean
  /** Undefined while it is down. */
  readonly pid: () => number | undefined
  readonly logTail: () => ReadonlyArray<string>
  /** Each time that it ended though nobody had told it to, with the end of its log. */
  readonly ownEnds: () => ReadonlyArray<string>
  readonly start: Effect.Effect<void, HostError>
  /** Orderly: what is under way has 0.3 s to end. */
  readonly stop: Effect.Effect<void, HostError>
  readonly kill: Effect.Effect<void, HostError>
  readonly pause: Effect.Effect<void>
  readonly resume: Effect.Effect<void>
}

const attempt = <A>(what: string, body: () => Promise<A>): Effect.Effect<A, HostError> =>
  Effect.tryPromise({ try: body, catch: (error) => new HostError({ message: `could not ${what}: ${String(error)}` }) })

/** Starts a push API (0.2 s). */
export const startPushApi = (options: PushApiOptions): Effect.Effect<PushApiProcess, HostError, Scope.Scope> =>
  Effect.gen(function* () {
    const log = logTail("the push API")
    let running: GuardedProcess | undefined
    let port = 0

    const begin = (): Promise<void> =>
      new Promise((resolve, reject) => {
        const { url, secret } = options.electric()
        const child = startGuarded({
          command: process.execPath,
          args: ["--disable-warning=ExperimentalWarning", options.program ?? pushApi],
          cwd: tmpdir(),
          env: {
            PATH: process.env["PATH"] ?? "",
            DATABASE_URL: options.databaseUrl(),
            ELECTRIC_URL: url,
            ...(secret === undefined ? {} : { ELECTRIC_SECRET: secret }),
            HARNESS_TOKEN: options.token,
            REVOKED: JSON.stringify(options.revoked()),
            MUTANT: options.mutant ?? "",
            ...compileCache(),
          },
          onOwnEnd: log.addOwnEnd,
          onLine: (line) => {
            log.add(line)
            const listening = /^\{"port":(\d+)\}$/.exec(line)?.[1]
            if (listening === undefined) return
            clearTimeout(timer)
            port = Number(listening)
            resolve()
          },
        })
        running = child
        const late = () => reject(new Error(`it did not listen within ${startTimeoutMs / 1_000} s`))
        const timer = setTimeout(late, startTimeoutMs)
        void (async () => {
          const how = await child.ended
          clearTimeout(timer)
          reject(new Error(`${how}\n${log.lines().join("\n")}`))
        })()
      })
    const end = async (signal: "SIGTERM" | "SIGKILL"): Promise<void> => {
      const child = running
      if (child === undefined) return
      running = undefined
      if (signal === "SIGTERM") {
        child.signal("SIGTERM")
        if (await endsWithin(child, farewellMs)) return
      }
      child.signal("SIGKILL")
      await child.ended
    }

    yield* Effect.acquireRelease(attempt("start the push API", begin), () => Effect.promise(() => end("SIGKILL")))
    return {
      target: () => ({ host: "127.0.0.1", port }),
      isUp: () => running?.isAlive() === true,
      pid: () => (running?.isAlive() === true ? running.pid : undefined),
      logTail: log.lines,
      ownEnds: log.ownEnds,
      start: attempt("start the push API", async () => {
        if (running?.isAlive() !== true) await begin()
      }),
      stop: attempt("stop the push API", () => end("SIGTERM")),
      kill: attempt("kill the push API", () => end("SIGKILL")),
      pause: Effect.sync(() => running?.signal("SIGSTOP")),
      resume: Effect.sync(() => running?.signal("SIGCONT")),
    }
  })
