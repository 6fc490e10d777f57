import { startFrameProxy } from "./frame-proxy.ts"
import { chain, demonstrate, memoryOf, never } from "./lab.ts"

// An answer that cannot be read must fail the operation that it is for (conn/garbage). A pull whose page has lost all
// but its name fails, one whose page has lost that as well waits without end.
await demonstrate("A page of a pull that lost its members", async ({ host, open, read, say }) => {
  await (await open("store")).push(chain(0, 3), never)
  let stuck = false
  for (const left of ['{"_tag":"Chunk"}', "{}"]) {
    const proxy = await startFrameProxy(host.endpoint!.target(), (direction, text) =>
      direction === "down" && text.includes('"Chunk"') ? left : text,
    )
    const client = await host.open({ storeId: "store", clientId: "b", address: proxy.address, memory: memoryOf() })
    await client.connect(never)
    const pull = read(client, { live: false })
    const ended = await pull.until(() => pull.ended() !== undefined, 15_000)
    say(
      `a page that came as ${left}: the pull ${pull.ended() ?? "is pending after 15 s"}; connected: ${client.isConnected()}`,
    )
    stuck ||= !ended
    proxy.stop()
  }
  return stuck
})
