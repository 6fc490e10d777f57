import { randomUUID } from "node:crypto"
import { describe, expect, it } from "vitest"
import { workerBundle } from "../providers/cloudflare/bundle.ts"
import { startMiniflareBackend } from "../providers/cloudflare/miniflare-backend.ts"
import { judged, passes, runAtUrl } from "./fixtures/run-at-url.ts"

describe("cf-url, for a Worker that already runs", () => {
  const run = runAtUrl()

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
