import { spawn } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { availableParallelism, tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import type { Row } from "./row.ts"

/** How fast load goes through, and what it costs all its processes together. */
export interface Throughput {
  readonly operationsPerSecond: number
  /** Processor time of an operation, in microseconds, start included. */
  readonly cpuMicroseconds: number
}

/** How long each measurement takes, in milliseconds: the start and the last rounds are a tenth of it. */
const forMs = 40_000

const budgets: Readonly<Record<string, number>> = { mock: 20_000, "cf-ws-do": 2_000 }

const script = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

/** Runs a script of Node; gives what it wrote and the processor time of it and of all that it waited for, in seconds. */
const timed = (...args: ReadonlyArray<string>): Promise<{ readonly out: string; readonly cpuSeconds: number }> =>
  new Promise((resolve, reject) => {
    const child = spawn("sh", ["-c", '"$@"; echo; times', "sh", process.execPath, ...args], {
      stdio: ["ignore", "pipe", "ignore"],
    })
    let text = ""
    child.stdout.on("data", (chunk) => (text += String(chunk)))
    child.once("error", reject)
    child.once("close", () => {
      const lines = text.trimEnd().split("\n")
      const [user = 0, system = 0] = lines
        .at(-1)!
        .split(" ")
        .map((time) => Number(/^\d+/.exec(time)?.[0]) * 60 + Number(/m([\d.]+)s/.exec(time)?.[1]))
      resolve({ out: lines.slice(0, -2).join("\n"), cpuSeconds: user + system })
    })
  })

/** A campaign without faults, as anybody starts it. */
export const measureCampaign = async (key: string): Promise<Throughput> => {
  const dir = mkdtempSync(join(tmpdir(), "gauntlet-bench-"))
  try {
    const options = ["--provider", key, "--duration", `${forMs}ms`, "--faults", "none", "--out", dir, "--json"]
    const { out, cpuSeconds } = await timed(script("../cli/gauntlet.mjs"), "chaos", ...options)
    const { operations, operationsPerSecond, anomalies } = JSON.parse(out) as {
      readonly operations: number
      readonly operationsPerSecond: number
      readonly anomalies: ReadonlyArray<{ readonly name: string }>
    }
    if (anomalies.length > 0) throw new Error(`the campaign on ${key} found ${anomalies[0]!.name}`)
    return { operationsPerSecond, cpuMicroseconds: (cpuSeconds * 1e6) / operations }
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}

/** The same load by bare client calls, in as many processes. */
export const measureBare = async (key: string, processes: number): Promise<Throughput> => {
  const ended = await Promise.all(
    Array.from({ length: processes }, () => timed(script("./bare-load.ts"), key, `${forMs}`)),
  )
  const parts = ended.map(({ out }) => JSON.parse(out) as { readonly operations: number; readonly ms: number })
  const operations = parts.reduce((sum, part) => sum + part.operations, 0)
  const cpuSeconds = ended.reduce((sum, part) => sum + part.cpuSeconds, 0)
  return {
    operationsPerSecond: parts.reduce((sum, part) => sum + (part.operations * 1_000) / part.ms, 0),
    cpuMicroseconds: (cpuSeconds * 1e6) / operations,
  }
}

/** Campaigns without faults beside the bare load. What they record is judged as they go. */
export const benchChaos = async (): Promise<ReadonlyArray<Row>> => {
  const rows: Array<Row> = []
  for (const [key, atLeast] of Object.entries(budgets)) {
    const campaign = await measureCampaign(key)
    const bare = await measureBare(key, key === "mock" ? Math.min(2, availableParallelism()) : 1)
    const row = (what: string, value: number, unit: Row["unit"]): Row => ({
      bench: "chaos",
      what: `${key}, ${what}`,
      value,
      unit,
    })
    rows.push(
      { ...row("campaign without faults", campaign.operationsPerSecond, "/s"), budget: { atLeast } },
      row("the same load by bare client calls", bare.operationsPerSecond, "/s"),
      row("campaign, processor time an operation", campaign.cpuMicroseconds, "µs"),
      row("bare client calls, processor time an operation", bare.cpuMicroseconds, "µs"),
    )
  }
  return rows
}
