import { WebSocket } from "ws"
import { once } from "node:events"
import { startMiniflareBackend } from "../providers/cloudflare/miniflare-backend.ts"

/** A Durable Object that keeps what it hears in one SQLite transaction and says "ok": the least that a push can cost. */
const script = `
import { DurableObject } from "cloudflare:workers"
export class Bare extends DurableObject {
  constructor(ctx, env) {
    super(ctx, env)
    ctx.storage.sql.exec("CREATE TABLE IF NOT EXISTS log (position INTEGER PRIMARY KEY, value TEXT NOT NULL)")
  }
  async fetch() {
    const pair = new WebSocketPair()
    this.ctx.acceptWebSocket(pair[1])
    return new Response(null, { status: 101, webSocket: pair[0] })
  }
  webSocketMessage(socket, text) {
    this.ctx.storage.transactionSync(() => this.ctx.storage.sql.exec("INSERT INTO log (value) VALUES (?)", text))
    socket.send("ok")
  }
}
export default { fetch: (request, env) => env.BARE.get(env.BARE.idFromName("bare")).fetch(request) }`

/** Milliseconds at the median from a message to its answer, one after the other. */
export const measureBareWorker = async (times: number): Promise<number> => {
  const backend = await startMiniflareBackend({
    name: "bare",
    compatibilityDate: "2026-06-01",
    modules: [{ type: "ESModule", path: "bare.js", contents: script }],
    durableObjects: { BARE: { className: "Bare", useSQLite: true } },
  })
  try {
    const { host, port } = backend.target()
    const socket = new WebSocket(`ws://${host}:${port}/`)
    await once(socket, "open")
    const each: Array<number> = []
    for (let n = 0; n < times; n++) {
      const fromMs = performance.now()
      const answered = once(socket, "message")
      socket.send("x".repeat(200))
      await answered
      each.push(performance.now() - fromMs)
    }
    socket.terminate()
    return each.toSorted((a, b) => a - b)[times >> 1] ?? Number.NaN
  } finally {
    await backend.stop()
  }
}
