import { randomUUID } from "node:crypto"
import type { WorkerOptions } from "miniflare"

/**
 * A worker beside the one under test, through which the harness reaches into single objects. Miniflare has the same
 * on its own API, but there the first call of a kind blocks the whole process until workerd has answered, and an
 * eviction waits for requests that this process would have to serve.
 */
const controlScript = `
import unsafe from "workerd:unsafe"
export default {
  async fetch(request, env) {
    if (request.headers.get("x-control-token") !== env.TOKEN) return new Response("forbidden", { status: 403 })
    const { operation, className, name, webSockets, query } = await request.json()
    const namespace = env[className]
    const stub = namespace.get(namespace.idFromName(name))
    try {
      if (operation === "evict") {
        await unsafe.evict(stub, { webSockets })
        return Response.json(null)
      }
      const [result] = await stub.__miniflare_introspectSqlite([{ sql: query, params: [] }])
      const columns = result?.columns ?? []
      const rows = (result?.rows ?? []).map((row) => Object.fromEntries(columns.map((column, n) => [column, row[n]])))
      return Response.json(rows)
    } catch (error) {
      return new Response(String(error), { status: 500 })
    }
  },
}`

/** What the harness asks of one object. */
export type ControlRequest =
  | { readonly operation: "evict"; readonly className: string; readonly name: string; readonly webSockets: string }
  | { readonly operation: "sql"; readonly className: string; readonly name: string; readonly query: string }

export const controlName = "sync-gauntlet-control"

const timeoutMs = 40_000

/** The control worker for this worker's objects, and how it is asked once it listens. */
export const controlWorker = (
  worker: WorkerOptions & { readonly name: string },
): {
  readonly options: WorkerOptions
  readonly ask: (url: URL, request: ControlRequest) => Promise<unknown>
} => {
  const token = randomUUID()
  type Designator = string | { readonly className: string }
  const designators = Object.values((worker.durableObjects ?? {}) as Readonly<Record<string, Designator>>)
  const classes = designators.map((one) => (typeof one === "string" ? { className: one } : one))
  return {
    options: {
      name: controlName,
      compatibilityDate: "2026-06-01",
      compatibilityFlags: ["unsafe_module"],
      modules: [{ type: "ESModule", path: "control.js", contents: controlScript }],
      durableObjects: Object.fromEntries(classes.map((one) => [one.className, { scriptName: worker.name, ...one }])),
      bindings: { TOKEN: token },
      unsafeDirectSockets: [{ host: "127.0.0.1", port: 0 }],
    },
    ask: async (url, request) => {
      const response = await fetch(url, {
        method: "POST",
        headers: { "x-control-token": token },
        body: JSON.stringify(request),
        signal: AbortSignal.timeout(timeoutMs),
      })
      if (!response.ok) throw new Error(await response.text())
      return response.json()
    },
  }
}
