import { spawn } from "node:child_process"
import { once } from "node:events"
import { existsSync } from "node:fs"
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest"
import { startMiniflareBackend, type BackendWorker, type MiniflareBackend } from "./miniflare-backend.ts"

const workerSaying = (word: string): BackendWorker => ({
  name: "probe",
  compatibilityDate: "2026-01-01",
  modules: [
    {
      type: "ESModule",
      path: "probe.js",
      contents: `
        import { DurableObject } from "cloudflare:workers"
        export class Counter extends DurableObject {
          async fetch() {
            const count = ((await this.ctx.storage.get("count")) ?? 0) + 1
            await this.ctx.storage.put("count", count)
            return Response.json({ word: ${JSON.stringify(word)}, count })
          }
        }
        export default { fetch: (request, env) => env.COUNTER.get(env.COUNTER.idFromName("one")).fetch(request) }
      `,
    },
  ],
  durableObjects: { COUNTER: { className: "Counter", useSQLite: true } },
})

const ask = async (backend: MiniflareBackend): Promise<{ word: string; count: number }> => {
  const { host, port } = backend.target()
  const response = await fetch(`http://${host}:${port}/`, { signal: AbortSignal.timeout(5_000) })
  return (await response.json()) as { word: string; count: number }
}

describe("a workerd under miniflare", () => {
  let backend: MiniflareBackend
  beforeAll(async () => {
    backend = await startMiniflareBackend(workerSaying("first"))
  })
  afterAll(() => backend.stop())

  it("stays down after a kill and keeps its storage over the next start", async () => {
    const before = await ask(backend)
    await backend.kill()
    expect(backend.isUp()).toBe(false)
    await expect(ask(backend)).rejects.toThrow(/fetch failed/)
    await backend.start()
    expect(await ask(backend)).toEqual({ word: "first", count: before.count + 1 })
  })

  it("runs another version on the same storage after a deploy", async () => {
    const before = await ask(backend)
    const boot = backend.boot()
    await backend.deploy(workerSaying("second"))
    expect(await ask(backend)).toEqual({ word: "second", count: before.count + 1 })
    expect(backend.boot()).toBe(boot + 1)
  })

  it("answers only after it was resumed", async () => {
    backend.pause()
    const answer = ask(backend)
    const first = await Promise.race([answer, new Promise((resolve) => setTimeout(resolve, 200, "silence"))])
    expect(first).toBe("silence")
    backend.resume()
    expect((await answer).count).toBeGreaterThan(0)
  })

  it("runs SQL beneath an object and measures its process", async () => {
    await ask(backend)
    expect(await backend.sql("Counter", "one", "SELECT 1 AS one")).toEqual([{ one: 1 }])
    expect(backend.usage().memoryBytes).toBeGreaterThan(1_000_000)
  })

  it("forgets everything when it starts empty", async () => {
    await ask(backend)
    await backend.startEmpty()
    expect((await ask(backend)).count).toBe(1)
  })

  it("leaves neither process nor storage behind when it stops", async () => {
    const other = await startMiniflareBackend(workerSaying("other"))
    await ask(other)
    const pid = other.pid()
    expect(existsSync(other.directory)).toBe(true)
    await other.stop()
    expect(existsSync(other.directory)).toBe(false)
    expect(isAlive(pid)).toBe(false)
  })

  it("ends with the process that started it, also when that one is killed", async () => {
    const moduleUrl = new URL("./miniflare-backend.ts", import.meta.url).href
    const script = `
      const { startMiniflareBackend } = await import(${JSON.stringify(moduleUrl)})
      const contents = "export default { fetch: () => new Response('up') }"
      const modules = [{ type: "ESModule", path: "up.js", contents }]
      const backend = await startMiniflareBackend({ name: "up", compatibilityDate: "2026-01-01", modules })
      console.log(JSON.stringify({ pid: backend.pid(), directory: backend.directory }))
    `
    const parent = spawn(process.execPath, ["--input-type=module", "-e", script], {
      stdio: ["ignore", "pipe", "inherit"],
    })
    const [line] = (await once(parent.stdout, "data")) as [Buffer]
    const { pid, directory } = JSON.parse(line.toString()) as { pid: number; directory: string }
    expect(isAlive(pid)).toBe(true)
    parent.kill("SIGKILL")
    await vi.waitUntil(() => !isAlive(pid), { timeout: 5_000 })
    // The next backend that starts clears what the killed process could not.
    const next = await startMiniflareBackend(workerSaying("next"))
    await next.stop()
    expect(existsSync(directory)).toBe(false)
  })
})

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
