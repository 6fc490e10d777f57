import { spawn, spawnSync } from "node:child_process"
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { readPlan } from "../scenarios/read-plan.ts"
import type { ChaosDocument } from "./chaos-told.ts"
import { gauntletScript, type Ended } from "./fixtures/spawn-gauntlet.ts"

let dir = ""
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "gauntlet-full-disk-"))
  mkdirSync(join(dir, "out"))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

/** Room for a scenario or two, and for no record of eight busy clients. */
const roomKb = 16

/** A shell line, in a folder, in which `out` takes no more than so much. */
interface Medium {
  readonly name: string
  readonly shell: (line: string) => readonly [command: string, ...args: ReadonlyArray<string>]
}

/** A real file system of that size; it needs a namespace of one's own, which not every machine grants. */
const small: Medium = {
  name: "a file system of 16 kB",
  shell: (line) => ["unshare", "-rm", "sh", "-c", `mount -t tmpfs -o size=${roomKb}k medium out && { ${line}; }`],
}
/** Files that may not grow beyond that size, in blocks of 512 bytes, wherever they lie. */
const limited: Medium = {
  name: "a limit of 16 kB a file",
  shell: (line) => ["sh", "-c", `ulimit -f ${2 * roomKb}; ${line}`],
}

const mounts = (): boolean => {
  const folder = mkdtempSync(join(tmpdir(), "gauntlet-mounts-"))
  mkdirSync(join(folder, "out"))
  const [command, ...args] = small.shell("true")
  const { status } = spawnSync(command, args, { cwd: folder, stdio: "ignore" })
  rmSync(folder, { recursive: true, force: true })
  return status === 0
}

const run = ([command, ...args]: ReturnType<Medium["shell"]>): Promise<Ended> =>
  new Promise((resolve, reject) => {
    // What node keeps of its compiled modules is not the question here.
    const env = { ...process.env, NODE_DISABLE_COMPILE_CACHE: "1" }
    const child = spawn(command, args, { cwd: dir, env, stdio: ["ignore", "pipe", "pipe"] })
    const text = { out: "", err: "" }
    child.stdout.on("data", (chunk) => (text.out += String(chunk)))
    child.stderr.on("data", (chunk) => (text.err += String(chunk)))
    child.once("error", reject)
    child.once("close", (code) => resolve({ code, ...text }))
  })

const command = `'${process.execPath}' '${gauntletScript}'`

// The limit is there on every machine; the file system where one may be mounted.
describe.each([limited, ...(mounts() ? [small] : [])])("$name that fills up in mid-campaign", ({ shell }) => {
  it("ends nothing: what was found is judged, what was written is whole, and one line says what is missing", async () => {
    const chaos = `${command} chaos --provider canary --faults none --duration 1s --seed 1 --out out --json`
    const { code, out, err } = await run(shell(`${chaos}; code=$?; cp -r out kept; exit $code`))
    expect({ code, err: err.split("\n").filter((line) => /error|Error/.test(line)) }).toEqual({ code: 1, err: [] })
    const { anomalies, notKept, breaks, harnessErrors } = JSON.parse(out) as ChaosDocument
    expect({ breaks, harnessErrors }).toEqual({ breaks: [], harnessErrors: [] })
    expect(anomalies[0]).toMatchObject({ name: "lost-ack" })
    expect(notKept.filter((line) => !line.includes("no space left"))).toEqual([])
    expect(notKept).toHaveLength(1)

    const kept = readdirSync(join(dir, "kept")).filter((name) => name.endsWith("json"))
    expect(kept).toContain(anomalies[0]!.scenario!.replace("out/", ""))
    for (const name of kept.filter((file) => file.endsWith(".json"))) {
      expect(readPlan(readFileSync(join(dir, "kept", name), "utf8"))).toMatchObject({ kind: "steps" })
    }
  })
})
