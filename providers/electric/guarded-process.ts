import { spawn } from "node:child_process"
import { once } from "node:events"
import { createInterface } from "node:readline"

/*
 * Becomes the command after `guard` in such a way that the command never outlives the process that started it, also
 * when that one is killed outright. It is handed over as text: the user that runs it may not be able to read this
 * folder. Without setpriv (macOS) a watcher looks for the parent each second.
 */
const guardScript = `
if command -v setpriv >/dev/null 2>&1; then exec setpriv --pdeathsig KILL -- "$@"; fi
parent=$PPID
self=$$
(
  while kill -0 "$parent" 2>/dev/null && kill -0 "$self" 2>/dev/null; do sleep 1; done
  kill -0 "$parent" 2>/dev/null || kill -9 "$self" 2>/dev/null
) </dev/null >/dev/null 2>&1 &
exec "$@"`

/** How a guarded process is started. */
export interface GuardedOptions {
  readonly command: string
  readonly args: ReadonlyArray<string>
  /** The whole environment. */
  readonly env: Readonly<Record<string, string>>
  readonly cwd: string
  /** User and group to run as; absent: those of this process. */
  readonly userId?: number
  /** Told each line that it writes, on either stream. */
  readonly onLine: (line: string) => void
  /** Told how it ended, once its last lines were told, when nobody had told it to end. */
  readonly onOwnEnd?: (how: string) => void
}

/** A child process that ends with this one, however that ends. */
export interface GuardedProcess {
  readonly pid: number
  readonly isAlive: () => boolean
  /** Ends with a sentence once the process is gone. */
  readonly ended: Promise<string>
  /** Nothing when it is gone. */
  readonly signal: (name: NodeJS.Signals) => void
}

/** How long the last lines of a process that has ended are waited for, in milliseconds. */
const lastLinesMs = 200

/** Starts a process that is killed when this one ends. Throws when it cannot be started at all. */
export const startGuarded = (options: GuardedOptions): GuardedProcess => {
  const identity = options.userId === undefined ? {} : { uid: options.userId, gid: options.userId }
  const child = spawn("/bin/sh", ["-c", guardScript, "guard", options.command, ...options.args], {
    ...identity,
    cwd: options.cwd,
    env: options.env,
    stdio: ["ignore", "pipe", "pipe"],
  })
  for (const stream of [child.stdout, child.stderr]) createInterface(stream).on("line", options.onLine)
  const { pid } = child
  if (pid === undefined) {
    child.on("error", () => undefined)
    throw new Error(`could not start ${options.command}`)
  }
  let alive = true
  let wasTold = false
  const closed = once(child, "close")
  const ended = once(child, "exit").then(([code, signal]) => {
    alive = false
    const how = signal === null ? `it ended with status ${String(code)}` : `it was ended by ${String(signal)}`
    // What it started itself may keep its streams open.
    if (!wasTold) void Promise.race([closed, wait(lastLinesMs)]).then(() => options.onOwnEnd?.(how))
    return how
  })
  return {
    pid,
    isAlive: () => alive,
    ended,
    signal: (name) => {
      if (!alive) return
      if (name !== "SIGSTOP" && name !== "SIGCONT") wasTold = true
      child.kill(name)
    },
  }
}

/** Waits for the end of a process this long, in milliseconds; false when it goes on. */
export const endsWithin = async (process: GuardedProcess, timeoutMs: number): Promise<boolean> => {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), timeoutMs)
  })
  const ended = await Promise.race([process.ended.then(() => true), late])
  clearTimeout(timer)
  return ended
}

/** The last lines of a log, oldest first. */
export interface LogTail {
  readonly add: (line: string) => void
  readonly lines: () => ReadonlyArray<string>
  /** Notes that the process ended by itself, with what it wrote last. */
  readonly addOwnEnd: (how: string) => void
  /** Each time that it ended by itself. */
  readonly ownEnds: () => ReadonlyArray<string>
}

/** Keeps this many lines of what `title` names: "the push API". */
export const logTail = (title: string, size = 200): LogTail => {
  const kept: Array<string> = []
  const ownEnds: Array<string> = []
  const add = (line: string): void => {
    kept.push(line)
    if (kept.length > size) kept.shift()
  }
  return {
    add,
    lines: () => kept.slice(),
    addOwnEnd: (how) => {
      const sentence = `${title} ended and nobody had told it to: ${how}`
      ownEnds.push([sentence, ...kept.slice(-shownLines)].join("\n  "))
      add(sentence)
    },
    ownEnds: () => ownEnds.slice(),
  }
}

/** How many lines of a log tell why a process ended. */
const shownLines = 12

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
