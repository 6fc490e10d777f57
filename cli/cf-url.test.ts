import { randomUUID } from "node:crypto"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, afterEach, describe, expect, it, vi } from "vitest"
import type { Run } from "../contract/run.ts"
import { workerBundle } from "../providers/cloudflare/bundle.ts"
import { startMiniflareBackend } from "../providers/cloudflare/miniflare-backend.ts"
import { gauntlet } from "./fixtures/spawn-gauntlet.ts"
import { startWranglerDev } from "./fixtures/wrangler-dev.ts"

const checks = ["conn/churn*", "push/one", "live/others", "pull/all", "payload/expires", "reset/never-adopted"]

describe("cf-url, for a Worker that already runs", () => {
  const directory = mkdtempSync(join(tmpdir(), "gauntlet-cf-url-"))
  afterEach(() => void vi.unstubAllEnvs())
  afterAll(() => rmSync(directory, { recursive: true }))

  const run = (url: string, token: string) => {
    vi.stubEnv("GAUNTLET_CF_URL", url)
    vi.stubEnv("GAUNTLET_CF_TOKEN", token)
    const globs = checks.flatMap((glob) => ["--check", glob])
    return gauntlet(["run", "--provider", "cf-url", "--full", "--json", "--out", directory, ...globs], directory)
  }
  const judged = (text: string) => {
    const [result] = (JSON.parse(text) as Pick<Run, "runs">).runs
    return Object.fromEntries(result!.checks.map(({ id, outcome }) => [id, outcome]))
  }
  const passes = {
    "conn/churn": "pass",
    "conn/churn#live": "pass",
    "push/one": "pass",
    "live/others": "pass",
    "payload/expires": "pass",
  }

  it("judges one in a workerd that was started apart", async () => {
    const token = randomUUID()
    const contents = await workerBundle()
    const backend = await startMiniflareBackend({
      name: "apart",
      compatibilityDate: "2026-06-01",
      modules: [{ type: "ESModule", path: "worker.js", contents }],
      durableObjects: { STORE: { className: "StoreObject", useSQLite: true } },
      bindings: { HARNESS_TOKEN: token, BOOT: "apart" },
    })
    try {
      const { host, port } = backend.target()
      const ended = await run(`http://${host}:${port}`, token)
      expect(judged(ended.out)).toMatchObject(passes)
      expect(ended.code).toBe(0)
    } finally {
      await backend.stop()
    }
  })

  it("judges one under wrangler dev", async () => {
    const token = randomUUID()
    const dev = await startWranglerDev(token)
    try {
      const ended = await run(dev.url, token)
      expect(judged(ended.out)).toMatchObject(passes)
      expect(ended.code).toBe(0)
      const refused = await run(dev.url, "another")
      expect(refused.code).toBe(2)
      expect(refused.err).toContain("does not take GAUNTLET_CF_TOKEN")
    } finally {
      await dev.stop()
    }
  })

  it.each([
    ["nowhere", "GAUNTLET_CF_URL=nowhere is no URL"],
    ["http://127.0.0.1:9/", "nothing answers at http://127.0.0.1:9/"],
    ["http://127.0.0.1:9/app", "without the path /app"],
  ])("says what is wrong with the address %s", async (url, line) => {
    const ended = await run(url, "token")
    expect(ended.code).toBe(2)
    expect(ended.err).toContain(line)
  })
})
