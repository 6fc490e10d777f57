import { spawn } from "node:child_process"
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs"
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
 * backends start, while checks run, while it tidies up. Whatever moment it was, nothing may be left: no process, and
 * so no port, no temporary folder, and so no replication slot, which lies in one. Exit code 1 where something is.
 * `node cli/dev/kill-anywhere.ts [TIMES] [SEED]`.
 */

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

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

/** What is left of a run that was ended: processes by their commands, and files. */
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
  // A terminal tells the whole group of a Ctrl-C; everything else aims at the outermost process alone.
  send(signal === "SIGINT" ? -outermost.pid! : outermost.pid!, signal)
  const untilMs = performance.now() + boundMs
  const processes = () => [...new Set([...chain.filter(isAlive), ...ofFolder(own)].map(({ pid }) => pid))]
  const files = () => readdirSync(temporary)
  while ((processes().length > 0 || files().length > 0) && performance.now() < untilMs) await pause(100)
  return [
    ...processes().map((pid) => `process ${commandOf(pid).slice(0, 3).join(" ")}`),
    ...files().map((name) => `file ${name}`),
  ]
}

const killAnywhere = async (times: number, seed: number): Promise<boolean> => {
  const dir = mkdtempSync(join(tmpdir(), "gauntlet-kill-"))
  const limit = pLimit(atOnce)
  try {
    const clean = await limit.map(
      Array.from({ length: times }, (_, nth) => nth),
      async (nth) => {
        const signal = nth === 0 ? "SIGTERM" : nth === 1 ? "SIGINT" : "SIGKILL"
        const afterMs = draw(seed, `kill ${nth}`, latestMs)
        const left = await leftOf(join(dir, `run-${nth}`), signal, afterMs)
        console.log(
          [`${signal} after ${afterMs} ms: ${left.length === 0 ? "nothing left" : "LEFT"}`, ...left].join("\n  "),
        )
        return left.length === 0
      },
    )
    return clean.every(Boolean)
  } finally {
    endProcesses(ofFolder(dir))
    rmSync(dir, { recursive: true, force: true })
  }
}

if (import.meta.main) {
  const times = Number(process.argv[2] ?? 10)
  const seed = Number(process.argv[3] ?? Date.now() % 1_000_000)
  console.log(`${times} runs are ended; again: node cli/dev/kill-anywhere.ts ${times} ${seed}`)
  process.exitCode = (await killAnywhere(times, seed)) ? 0 : 1
}
