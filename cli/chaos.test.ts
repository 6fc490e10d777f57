import { existsSync, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { campaignExit } from "../scenarios/campaign/tally.ts"
import { campaign } from "./campaign.ts"
import { chaosText, type ChaosDocument } from "./chaos-told.ts"
import { durationMs, inWords } from "./duration.ts"
import { inProcess } from "./fixtures/in-process.ts"

let dir = ""
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "gauntlet-chaos-"))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

const gauntlet = (...args: ReadonlyArray<string>) => inProcess(args, dir)

/** However short the time, one round is run to its end; that of this seed has little to do. */
const oneRound = ["--duration", "1ms", "--seed", "3", "--out", "out", "--json"]

describe("gauntlet chaos", () => {
  it("convicts a backend that loses what it acknowledged, and writes a scenario that shows it again", async () => {
    const ended = await gauntlet("chaos", "--provider", "canary", "--faults", "none", ...oneRound)
    const document = JSON.parse(ended.out) as ChaosDocument
    expect(ended.code).toBe(1)
    expect(document).toMatchObject({ schema: 1, provider: "canary", seed: 3, rounds: 1, interrupted: false })
    const lost = document.anomalies.find(({ name }) => name === "lost-ack")!
    expect(lost.sentence).toContain("an acknowledged event was lost")
    expect(lost.replay).toContain(lost.scenario)
    expect(existsSync(join(dir, lost.history!))).toBe(true)

    const again = await gauntlet("replay", lost.scenario!, "--json")
    expect(JSON.parse(again.out)).toMatchObject({ provider: "canary", times: 1, reproduced: 1, anomaly: "lost-ack" })
    expect((await gauntlet("replay", lost.scenario!, "--provider", "mock")).code).toBe(0)
  })

  it("finds nothing on the mock, and says of each fault how often it bit", async () => {
    const faults = ["--faults", "kill,half-*"]
    const ended = await gauntlet(
      "chaos",
      "--provider",
      "mock",
      "--duration",
      "800ms",
      ...faults,
      "--out",
      "out",
      "--json",
    )
    const document = JSON.parse(ended.out) as ChaosDocument
    expect(document.anomalies).toEqual([])
    expect(document.faults.map(({ name }) => name)).toEqual(["half-open", "kill"])
    expect(document.operations).toBeGreaterThan(0)
    const none = { left: 0, inRounds: 0 }
    expect(document.leaks).toMatchObject({ rounds: document.rounds, sockets: none, subscriptions: none, processes: [] })
    expect(ended.code).toBe(document.faults.every(({ bit }) => bit > 0) ? 0 : 2)
  })

  it("counts what clients and backends leave behind, and convicts a provider that leaves connections", async () => {
    const file = fileURLToPath(new URL("fixtures/leaking-provider.ts", import.meta.url))
    const ended = await gauntlet("chaos", "--provider-file", file, "--faults", "none", ...oneRound)
    const document = JSON.parse(ended.out) as ChaosDocument
    expect(document.anomalies.map(({ name }) => name)).toEqual(["leak"])
    expect(document.leaks.rounds).toBe(1)
    expect(document.leaks.sockets.left).toBeGreaterThan(0)
    expect(document.leaks.processes).toEqual(["sleep 600"])
    expect(chaosText(document)).toMatch(/Left by the clients of 1 round: \d+ connections in 1 round/)
    expect(chaosText(document)).toContain("1 process: sleep 600")
    expect(ended.code).toBe(1)
  })

  it.each([
    [["--provider", "mock", "--duration", "soon"], /--duration needs a duration such as 90s, 10m or 2h, not "soon"/],
    [["--provider", "mock", "--duration", "0s"], /--duration needs a duration/],
    [["--provider", "mock", "--seed", "x"], /--seed needs a whole number/],
    [["--provider", "mock", "--faults", "kil"], /there is no fault "kil" \(did you mean "kill"\?\)/],
    [["--provider", "mock", "--shard", "3/2"], /--shard 3\/2: write it as 1\/4/],
    [["--provider", "mokc"], /there is no provider "mokc" \(did you mean "mock"\?\)/],
    [["--provider", "mock", "--provider-file", "x.ts"], /name one provider/],
    [[], /name one provider/],
  ])("refuses %j in one line", async (args, message) => {
    const { code, out, err } = await gauntlet("chaos", ...args)
    expect({ code, out }).toEqual({ code: 2, out: "" })
    expect(err).toMatch(message)
    expect(err.trimEnd().split("\n")).toHaveLength(1)
  })
})

describe("a duration", () => {
  it("is read as people type it, and told as they say it", () => {
    expect(["250ms", "90s", "1.5m", "2h"].map((text) => durationMs("--duration", text))).toEqual([
      250, 90_000, 90_000, 7_200_000,
    ])
    expect([4_000, 60_000, 200_000, 3_900_000].map(inWords)).toEqual(["4 s", "1 min", "3 min 20 s", "1 h 5 min"])
  })
})

describe("the outer limits of a campaign", () => {
  const run = (
    key: string,
    limits: { readonly durationMs?: number; readonly silentMs?: number; readonly overtimeMs?: number },
  ) => {
    const stop = { signal: new AbortController().signal, ancestors: [], close: () => undefined }
    return campaign({
      key,
      source: { kind: "registered", key },
      seed: 5,
      durationMs: 60_000,
      shard: { index: 0, of: 1 },
      outDir: join(dir, "out"),
      stop,
      onState: () => undefined,
      entry: new URL("fixtures/campaign-child.ts", import.meta.url),
      silentMs: 60_000,
      overtimeMs: 60_000,
      processes: 2,
      ...limits,
    })
  }

  it("catch a blocked event loop, and keep the round that ran as a scenario", async () => {
    const result = await run("blocks", { durationMs: 1_000, silentMs: 700 })
    if ("missing" in result) throw new Error(result.missing)
    expect(result.anomalies).toMatchObject([{ name: "stuck", round: 0, seed: 5, workload: "chat" }])
    expect(result.anomalies[0]!.sentence).toContain("its event loop did not turn for 0.7 s")
    expect(existsSync(result.anomalies[0]!.scenario!)).toBe(true)
    expect(result.breaks).toMatchObject([{ how: "silent", outstanding: ["client a's push, for 1.0 s"] }])
    expect(campaignExit(result)).toBe(1)
  })

  it("begin again after a crash, with the next round, until it crashes too often", async () => {
    const result = await run("exits", {})
    if ("missing" in result) throw new Error(result.missing)
    expect(result.anomalies).toMatchObject([{ name: "defect", rounds: 3, round: 0 }])
    expect(result.anomalies[0]!.sentence).toContain("its process ended by exit code 7")
    expect(result.breaks.map(({ how }) => how)).toEqual(["crashed", "crashed", "crashed"])
  })

  it("end what does not end by itself, with what was under way and exit code 2", async () => {
    const result = await run("hangs", { durationMs: 300, overtimeMs: 700 })
    if ("missing" in result) throw new Error(result.missing)
    expect(result.anomalies).toEqual([])
    expect(result.breaks).toMatchObject([{ how: "outer-limit", outstanding: ["client a's push, for 1.0 s"] }])
    expect(result.breaks[0]!.message).toMatch(/^round 0 \(chat\) did not end within 0\.7 s/)
    expect(campaignExit(result)).toBe(2)
  })
})
