import { spawn } from "node:child_process"
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import pLimit from "p-limit"
import { draw } from "../../chaos/draw.ts"
import {
  commandOf,
  descendantsOf,
  endProcesses,
  environmentOf,
  isAlive,
  listProcesses,
  readProcess,
  signal as send,
  type ProcessEntry,
} from "../../harness/processes.ts"
import { gauntletScript } from "../fixtures/spawn-gauntlet.ts"

/*
 * A run of workerd and of an embedded Postgres is ended from outside at random moments: while it loads, while
 * backends start, while checks run, while it tidies up. Whatever moment it was, nothing may be left: no process, no
 * port, no temporary folder, and so no replication slot, which lies in one. Containers are no part of these runs: a
 * machine without an engine has to be able to do this. Exit code 1 where something is left.
 * `node cli/dev/kill-anywhere.ts [TIMES] [SEED]`.
 */

/** How one run was ended, and what was left of it. */
export interface KilledRun {
  readonly signal: NodeJS.Signals
  /** After so many milliseconds. */
  readonly afterMs: number
  /** Processes by their commands, ports, files. */
  readonly left: ReadonlyArray<string>
}

/** Runs at once: most of a run's time is the start of processes. */
const atOnce = 2
/** The latest moment, in milliseconds: on an idle machine the run is over by then. */
const latestMs = 6_000
/** A stop that has not ended by then never will, in milliseconds. */
const boundMs = 90_000

/** Every process that was started with this folder as its place for temporary files, or was told of it. */
const ofFolder = (folder: string): ReadonlyArray<ProcessEntry> =>
  listProcesses().filter(({ pid }) => {
    if (pid === process.pid) return false
    const temporary = environmentOf(pid)["TMPDIR"] ?? ""
    return temporary.startsWith(folder) || commandOf(pid).some((word) => word.includes(folder))
  })

/** Lines of the tables of sockets that listen, by inode: their ports. Nothing where the platform has no such tables. */
const listening = (): ReadonlyMap<string, number> =>
  new Map(
    ["tcp", "tcp6"].flatMap((table) => {
      try {
        const lines = readFileSync(`/proc/net/${table}`, "utf8").trim().split("\n").slice(1)
        return lines.flatMap((line): ReadonlyArray<readonly [string, number]> => {
          const [, local = "", , state, , , , , , inode] = line.trim().split(/\s+/)
          return state === "0A" && inode !== undefined ? [[inode, Number.parseInt(local.split(":")[1]!, 16)]] : []
        })
      } catch {
        return []
      }
    }),
  )

/** Sockets that a process holds, by inode. */
const socketsOf = (pid: number): ReadonlyArray<string> => {
  try {
    return readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
      const [, inode] = /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`)) ?? []
      return inode ?? []
    })
  } catch {
    return []
  }
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

/** What is left of a run that was ended. */
const leftOf = async (own: string, signal: NodeJS.Signals, afterMs: number): Promise<ReadonlyArray<string>> => {
  const temporary = join(own, "tmp")
  mkdirSync(temporary, { recursive: true })
  const command = `'${process.execPath}' '${gauntletScript}' run --provider cf-ws-do --provider electric-embedded --check push/one --check life/kill --out out`
  const outermost = spawn("sh", ["-c", `sh -c "${command}; true"; true`], {
    cwd: own,
    // As npx starts it: a run that begins after its launcher has gone can only know by this that nobody wants it.
    env: { ...process.env, TMPDIR: temporary, npm_command: "exec" },
    detached: true,
    stdio: "ignore",
  })
  await pause(afterMs)
  const top = readProcess(outermost.pid!)
  const chain = top === undefined ? [] : [top, ...descendantsOf(top.pid)]
  const all = listening()
  const sockets = chain.flatMap(({ pid }) => socketsOf(pid)).filter((inode) => all.has(inode))
  // A terminal tells the whole group of a Ctrl-C; everything else aims at the outermost process alone.
  send(signal === "SIGINT" ? -outermost.pid! : outermost.pid!, signal)
  const untilMs = performance.now() + boundMs
  const processes = () => [...new Set([...chain.filter(isAlive), ...ofFolder(own)].map(({ pid }) => pid))]
  const files = () => readdirSync(temporary)
  while ((processes().length > 0 || files().length > 0) && performance.now() < untilMs) await pause(100)
  const still = listening()
  return [
    ...processes().map((pid) => `process ${commandOf(pid).slice(0, 3).join(" ")}`),
    ...sockets.flatMap((inode) => (still.has(inode) ? [`port ${still.get(inode)}`] : [])),
    ...files().map((name) => `file ${name}`),
  ]
}

/** Ends so many runs, the first two in good order, each at a moment of its own that the seed decides. */
export const killAnywhere = async (
  times: number,
  seed: number,
  onEnd: (run: KilledRun) => void = () => undefined,
): Promise<ReadonlyArray<KilledRun>> => {
  const dir = mkdtempSync(join(tmpdir(), "gauntlet-kill-"))
  const limit = pLimit(atOnce)
  try {
    return await limit.map(
      Array.from({ length: times }, (_, nth) => nth),
      async (nth) => {
        const signal = nth === 0 ? "SIGTERM" : nth === 1 ? "SIGINT" : "SIGKILL"
        const afterMs = draw(seed, `kill ${nth}`, latestMs)
        const run: KilledRun = { signal, afterMs, left: await leftOf(join(dir, `run-${nth}`), signal, afterMs) }
        onEnd(run)
        return run
      },
    )
  } finally {
    endProcesses(ofFolder(dir))
    rmSync(dir, { recursive: true, force: true })
  }
}

if (import.meta.main) {
  const times = Number(process.argv[2] ?? 10)
  const seed = Number(process.argv[3] ?? Date.now() % 1_000_000)
  console.log(`${times} runs are ended; again: node cli/dev/kill-anywhere.ts ${times} ${seed}`)
  const runs = await killAnywhere(times, seed, ({ signal, afterMs, left }) =>
    console.log(
      [`${signal} after ${afterMs} ms: ${left.length === 0 ? "nothing left" : "LEFT"}`, ...left].join("\n  "),
    ),
  )
  process.exitCode = runs.every(({ left }) => left.length === 0) ? 0 : 1
}
