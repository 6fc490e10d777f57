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

  const run = (url: string, token: string, form?: string, some: ReadonlyArray<string> = checks) => {
    vi.stubEnv("GAUNTLET_CF_URL", url)
    vi.stubEnv("GAUNTLET_CF_TOKEN", token)
    if (form !== undefined) vi.stubEnv("GAUNTLET_CF_FORM", form)
    const globs = some.flatMap((glob) => ["--check", glob])
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

  /** Without faults, on a link, on storage, of the application, of several stores. */
  const some = [
    ...["live/others#pusher-gone", "live/after-drop#again", "pull/transient-is-offline#storage"],
    ...["payload/expires#overlap", "store/many-on-one-client#after-drop"],
  ]
  const somePass = Object.fromEntries(some.map((id) => [id, "pass"]))

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

  it("judges one under wrangler dev, whichever way clients come", async () => {
    const token = randomUUID()
    const dev = await startWranglerDev(token)
    try {
      const ended = await run(dev.url, token)
      expect(judged(ended.out)).toMatchObject(passes)
      expect(ended.code).toBe(0)
      for (const form of ["cf-http-do", "cf-do-rpc-do"]) {
        expect(judged((await run(dev.url, token, form, some)).out), form).toEqual(somePass)
      }
      const other = await run(dev.url, token, "cf-ws-d1")
      expect(other.err).toContain("is no cf-ws-d1: set GAUNTLET_CF_FORM to cf-ws-do, cf-http-do, cf-do-rpc-do")
      const refused = await run(dev.url, "another")
      expect(refused.code).toBe(2)
      expect(refused.err).toContain("does not take GAUNTLET_CF_TOKEN")
    } finally {
      await dev.stop()
    }
  })

  it("judges one under wrangler dev that keeps its logs in D1, whichever way clients come", async () => {
    const token = randomUUID()
    const dev = await startWranglerDev(token, "d1")
    try {
      for (const form of ["cf-ws-d1", "cf-http-d1", "cf-do-rpc-d1"]) {
        expect(judged((await run(dev.url, token, form, some)).out), form).toEqual(somePass)
      }
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
