import { chain, demonstrate, never } from "./lab.ts"

// The whole log is one answer, held in memory at both ends before its first event is seen, and interrupting the pull
// saves nothing (pull/lazy).
await demonstrate(
  "A pull of 4 MB over HTTP that is given up at its first page",
  async ({ open, read, say }) => {
    const client = await open("store")
    for (let at = 0; at < 4; at += 1) {
      await client.push(chain(at * 10, 10, { args: { pad: "x".repeat(80_000) } }), never)
    }
    const pull = read(client, { live: false })
    const startedMs = performance.now()
    await pull.until(() => pull.items.length > 0, 10_000)
    const firstMs = performance.now() - startedMs
    await pull.until(() => pull.ended() !== undefined, 10_000)
    const lastMs = performance.now() - startedMs
    say(`first of ${pull.items.length} pages after ${Math.round(firstMs)} ms, the last after ${Math.round(lastMs)} ms`)
    return pull.items.length > 3 && lastMs - firstMs < firstMs
  },
  { transport: "http", storage: "do" },
)
