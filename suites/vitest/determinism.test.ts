import { execFile } from "node:child_process"
import { constants, setPriority } from "node:os"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import { describe, expect, it } from "vitest"

/**
 * Seeds that are compared, in two processes: the first ten of the hundred that `GAUNTLET_TEST=all` takes, since each
 * costs two seconds in both. Of heavy checks fewer, unless `GAUNTLET_HEAVY_SEEDS` says otherwise.
 */
const isAll = process.env["GAUNTLET_TEST"] === "all"
const seeds = isAll ? 100 : 10
const heavySeeds = Number(process.env["GAUNTLET_HEAVY_SEEDS"] ?? (isAll ? 2 : 1))

/** Runs in what the suites beside it leave of the machine. */
const digests = async (): Promise<ReadonlyArray<string>> => {
  const script = fileURLToPath(new URL("./history-digests.ts", import.meta.url))
  // A larger young generation: what one run leaves behind is garbage before it would be copied.
  const flags = ["--max-semi-space-size=64"]
  const running = promisify(execFile)(process.execPath, [...flags, script, String(seeds), String(heavySeeds)], {
    maxBuffer: 64_000_000,
  })
  if (running.child.pid !== undefined) setPriority(running.child.pid, constants.priority.PRIORITY_LOW)
  const { stdout } = await running
  return stdout.trimEnd().split("\n")
}

describe("the virtual world", () => {
  it("makes the same histories, byte for byte, in two processes, and other orders under other seeds", async () => {
    const [one, other] = await Promise.all([digests(), digests()])
    expect(other).toEqual(one)

    const byCheck = Map.groupBy(one, (line) => line.split(" ")[0] ?? "")
    expect(byCheck.size).toBeGreaterThanOrEqual(100)
    for (const lines of byCheck.values()) expect([seeds, heavySeeds]).toContain(lines.length)
    expect(one.filter((line) => /escaped|runaway|died/.test(line))).toEqual([])

    // A check with one client may have one order only; where clients contend, seeds must matter.
    const distinct = (lines: ReadonlyArray<string>) => new Set(lines.map((line) => line.split(" ").at(-1))).size
    const manyOrders = [...byCheck.values()].filter((lines) => distinct(lines) > seeds / 4)
    expect(manyOrders.length).toBeGreaterThan(20)
    // A machine that is busy with other things takes its time.
  }, 1_200_000)
})
