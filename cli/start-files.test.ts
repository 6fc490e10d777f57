import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { loadProviderFile } from "../harness/children/load-provider-file.ts"
import { inProcess } from "./fixtures/in-process.ts"

let dir = ""
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "gauntlet-start-"))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

const gauntlet = (...args: ReadonlyArray<string>) => inProcess(args, dir)

describe("gauntlet init", () => {
  it("writes a provider that loads from where it lies, under the key of its file", async () => {
    const { code, out } = await gauntlet("init", "My-Log.ts")
    expect(code).toBe(0)
    expect(out).toContain("--provider-file My-Log.ts")
    const { key, world } = await loadProviderFile(join(dir, "My-Log.ts"))
    expect({ key, world }).toEqual({ key: "my-log", world: "real" })
  })

  it("writes over nothing unless it is told to, and only TypeScript", async () => {
    writeFileSync(join(dir, "mine.ts"), "kept")
    expect(await gauntlet("init", "mine.ts")).toMatchObject({ code: 2, out: "" })
    expect(readFileSync(join(dir, "mine.ts"), "utf8")).toBe("kept")
    expect((await gauntlet("init", "mine.ts", "--force")).code).toBe(0)
    expect((await gauntlet("init", "mine.js")).err).toContain("name it mine.ts")
    expect((await gauntlet("init", "no/such/folder.ts")).err).toContain("cannot write")
  })
})

describe("gauntlet scenario new", () => {
  it("writes two clients to be filled in, which run as they are", async () => {
    const { code, out } = await gauntlet("scenario", "new")
    expect({ code, out }).toMatchObject({ code: 0, out: expect.stringContaining("gauntlet replay scenario.json") })
    expect(await gauntlet("replay", "scenario.json", "--json")).toMatchObject({ code: 0 })
  })

  it("writes what the record of a round did, which shows the same again", async () => {
    await gauntlet(
      "chaos",
      "--provider",
      "canary",
      "--duration",
      "1ms",
      "--seed",
      "3",
      "--faults",
      "none",
      "--out",
      ".",
    )
    const made = await gauntlet("scenario", "new", "--from", "canary-lost-ack-0.ndjson", "--out", "again.json")
    expect(made.code).toBe(0)
    const { out } = await gauntlet("replay", "again.json", "--json")
    expect(JSON.parse(out)).toMatchObject({ provider: "canary", reproduced: 1, anomaly: "lost-ack" })
  })

  it.each([
    [["scenario", "old"], /there is no "gauntlet scenario old"/],
    [["scenario", "new", "--from", "nothing"], /there is no .*nothing/],
    [["scenario", "new", "--from", "."], /holds no history\.ndjson/],
    [["scenario", "new", "--provider", "mokc"], /there is no provider "mokc"/],
  ])("refuses %j in one line and writes nothing", async (args, message) => {
    const { code, out, err } = await gauntlet(...args)
    expect({ code, out }).toEqual({ code: 2, out: "" })
    expect(err).toMatch(message)
    expect(existsSync(join(dir, "scenario.json"))).toBe(false)
  })
})
