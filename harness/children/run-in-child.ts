import { fork, type ChildProcess } from "node:child_process"
import { createWriteStream } from "node:fs"
import type { ProviderRun } from "../../contract/run.ts"
import { removeOwnedDirectories } from "../../providers/owned-directory.ts"
import {
  areGone,
  descendantsOf,
  endProcesses,
  listProcesses,
  readProcess,
  signal,
  type ProcessEntry,
} from "../processes.ts"
import type { ChildMessage, ChildPlan, ParentMessage, ProviderCard } from "./messages.ts"

/** What one child is run with. */
export interface RunInChildOptions {
  /** The module that calls `serve`. */
  readonly entry: URL
  readonly plan: ChildPlan
  readonly onMessage: (message: ChildMessage) => void
  /** Stops the child, orderly at first. */
  readonly signal: AbortSignal
  /** Takes what the child and everything below it print; undefined: nothing does. */
  readonly logFile: string | undefined
  /** A child whose event loop has not turned for this long is ended, in milliseconds. */
  readonly silentMs: number
}

/** How a child ended. `crashed` and `silent` are findings. */
export type ChildEnd =
  | { readonly how: "probed"; readonly card: ProviderCard }
  | { readonly how: "done"; readonly card: ProviderCard; readonly run: ProviderRun; readonly stopped: boolean }
  /** A job is over, with what it gave back. */
  | { readonly how: "finished"; readonly card: ProviderCard; readonly result: unknown }
  | { readonly how: "unavailable"; readonly card: ProviderCard; readonly missing: string }
  | { readonly how: "bad-provider"; readonly message: string }
  | { readonly how: "harness-error"; readonly message: string }
  | {
      readonly how: "crashed" | "silent" | "stopped"
      readonly card: ProviderCard | undefined
      readonly message: string
    }

/** How often the processes below a child are looked at: whatever it leaves behind is ended with it. */
const censusEveryMs = 1_000

/** How long a child may take to say its first word: a busy machine starts processes slowly. In milliseconds. */
const firstWordMs = 60_000

/** How long the end of a killed process may take, in milliseconds. */
const goneMs = 3_000

/** Records of a round live for seconds: with 16 MB for young objects, operations took a tenth longer. */
const jobFlags = ["--max-semi-space-size=64"]

/**
 * Runs one plan in a child process of its own session, keeps the outer limits, and ends everything that the
 * child started before it gives back how it went. Never rejects.
 */
export const runInChild = (options: RunInChildOptions): Promise<ChildEnd> =>
  new Promise((resolve) => {
    const child = fork(options.entry, [], {
      detached: true,
      execArgv: options.plan.mode === "job" ? jobFlags : [],
      serialization: "json",
      stdio: ["ignore", "pipe", "pipe", "ipc"],
    })
    const output = keepOutput(child, options.logFile)
    const drained = drain(child)
    const watch = watchChild(child, options)
    const messages: { card?: ProviderCard; last?: ChildMessage } = {}
    child.on("message", (message: ChildMessage) => {
      watch.heard()
      if (message.type === "alive") return
      if ("card" in message) messages.card = message.card
      if (!["start", "result", "news"].includes(message.type)) messages.last = message
      options.onMessage(message)
    })
    child.on("error", (error) => {
      // An error of a process that runs is followed by its exit; one that never began has none.
      if (child.pid === undefined)
        resolve({ how: "harness-error", message: `cannot start a process: ${error.message}` })
    })
    child.once("exit", async (code, killedBy) => {
      await watch.close()
      await drained()
      const said = output.close()
      const how = endOf(options.plan, messages.card, messages.last)
      if (how !== undefined) return resolve(how)
      const card = messages.card
      if (watch.silent()) {
        return resolve({ how: "silent", card, message: `its event loop did not turn for ${options.silentMs / 1000} s` })
      }
      if (options.signal.aborted) return resolve({ how: "stopped", card, message: "interrupted" })
      const end = killedBy === null ? `exit code ${code}` : `signal ${killedBy}`
      resolve({ how: "crashed", card, message: `its process ended by ${end}${said === "" ? "" : `: ${said}`}` })
    })
    send(child, { type: "plan", plan: options.plan })
  })

const endOf = (
  plan: ChildPlan,
  card: ProviderCard | undefined,
  last: ChildMessage | undefined,
): ChildEnd | undefined => {
  switch (last?.type) {
    case "done":
      return { how: "done", card: card!, run: last.run, stopped: last.stopped }
    case "finished":
      return { how: "finished", card: card!, result: last.result }
    case "unavailable":
      return { how: "unavailable", card: last.card, missing: last.missing }
    case "bad-provider":
    case "harness-error":
      return { how: last.type, message: last.message }
    case "ready":
      return plan.mode === "probe" ? { how: "probed", card: last.card } : undefined
    default:
      return undefined
  }
}

/** Outer limits: silence, an orderly stop that takes too long, and what is left below a child that ended. */
const watchChild = (child: ChildProcess, { signal: stop, silentMs, plan }: RunInChildOptions) => {
  const pid = child.pid
  const below = new Map<string, ProcessEntry>()
  let heardAt = performance.now()
  let spoke = false
  let silent = false

  const census = () => {
    if (pid === undefined) return
    const all = listProcesses()
    for (const entry of descendantsOf(pid, all)) below.set(`${entry.pid} ${entry.started}`, entry)
    for (const entry of all.filter(({ session, group }) => session === pid || group === pid)) {
      if (entry.pid !== pid) below.set(`${entry.pid} ${entry.started}`, entry)
    }
  }
  const end = () => {
    census()
    if (pid !== undefined) signal(pid, "SIGKILL")
    endProcesses(below.values())
  }
  const looking = setInterval(() => {
    census()
    if (performance.now() - heardAt < (spoke ? silentMs : Math.max(silentMs, firstWordMs))) return
    silent = true
    end()
  }, censusEveryMs)

  let stopping: NodeJS.Timeout | undefined
  const onStop = () => {
    send(child, { type: "stop" })
    stopping = setTimeout(end, plan.stopMs)
  }
  if (stop.aborted) onStop()
  stop.addEventListener("abort", onStop, { once: true })

  return {
    heard: () => {
      heardAt = performance.now()
      spoke = true
    },
    silent: () => silent,
    close: async () => {
      clearInterval(looking)
      clearTimeout(stopping)
      stop.removeEventListener("abort", onStop)
      // The child itself has been reaped: a process with its pid now is another, so only its session is searched.
      if (pid !== undefined && readProcess(pid) === undefined) census()
      endProcesses(below.values())
      await areGone(below.values(), goneMs)
      // One that was ended, or that had no time left, leaves its temporary files behind.
      if (pid !== undefined) removeOwnedDirectories(pid)
    },
  }
}

/** Keeps what a child prints in a file, and the last line of its errors for the finding. */
const keepOutput = (child: ChildProcess, logFile: string | undefined) => {
  let log: ReturnType<typeof createWriteStream> | undefined
  let tail = ""
  const keep = (chunk: Buffer) => {
    if (logFile === undefined) return
    // What cannot be written, on a full disk say, is lost: what the child finds is worth more than what it prints.
    log ??= createWriteStream(logFile, { flags: "a" }).on("error", () => undefined)
    if (!log.destroyed) log.write(chunk)
  }
  child.stdout?.on("data", keep)
  child.stderr?.on("data", (chunk: Buffer) => {
    keep(chunk)
    tail = (tail + chunk.toString("utf8")).slice(-4_000)
  })
  return {
    close: (): string => {
      log?.end()
      return tellingLine(tail)
    },
  }
}

/** Of what node prints when it dies the line with the error, else the last line. */
const tellingLine = (text: string): string => {
  const lines = text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "")
  return lines.find((line) => /^(Uncaught |FATAL )?[A-Za-z]*(Error|ERROR)\b.*:/.test(line)) ?? lines.at(-1) ?? ""
}

/** The last messages and lines may be read only after the process has gone; what holds its pipes open has been ended. */
const drain = (child: ChildProcess): (() => Promise<void>) => {
  const channel = new Promise<void>((resolve) => child.once("disconnect", resolve))
  const pipes = new Promise<void>((resolve) => child.once("close", () => resolve()))
  return () => {
    const late = new Promise<void>((resolve) => setTimeout(resolve, 2_000).unref())
    return Promise.race([Promise.all([channel, pipes]).then(() => undefined), late])
  }
}

const send = (child: ChildProcess, message: ParentMessage): void => {
  if (child.connected) child.send(message, () => undefined)
}
