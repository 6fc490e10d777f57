import { startFrameProxy } from "./frame-proxy.ts"
import { chain, demonstrate, memoryOf, never } from "./lab.ts"

// LiveStore's leader opens a pull again after IsOffline, and stops syncing after any other error. A message that cannot
// be read, as a proxy in between may send one instead of a push's answer, ends the live pull beside that push with an
// unknown error (converge/under-faults).
await demonstrate(
  "A push's answer that came as HTML, beside a live pull",
  async ({ host, open, read, outcome, say }) => {
    await (await open("store")).push(chain(0, 3), never)
    const proxy = await startFrameProxy(host.endpoint!.target(), (direction, text) =>
      direction === "down" && text.includes('"Exit"') ? "<html>bad gateway</html>" : text,
    )
    const client = await host.open({ storeId: "store", clientId: "b", address: proxy.address, memory: memoryOf() })
    await client.connect(never)
    const live = read(client, { live: true })
    await live.until(() => live.items.length > 0, 2_000)
    await outcome("the push", client.push(chain(3, 1), never), 10_000)
    await live.until(() => live.ended() !== undefined, 5_000)
    say(`the live pull ${live.ended() === undefined ? "is open" : `failed with ${live.ended()}`}`)
    proxy.stop()
    return live.ended() !== undefined && live.ended()?.includes("IsOffline") !== true
  },
)
