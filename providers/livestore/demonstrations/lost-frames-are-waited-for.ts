import { startFrameProxy } from "./frame-proxy.ts"
import { chain, demonstrate, memoryOf, never, pause } from "./lab.ts"

// A push whose request is lost on a connection that stays open must settle (push/settles-under-fault), and a refusal
// must bring a live pull that missed its news up to the refused head (push/ahead-then-pull). The push waits for ever,
// and the live pull stays silent.
await demonstrate(
  "Single messages lost on a connection that stays open",
  async ({ host, open, read, outcome, say }) => {
    let lose: "nothing" | "Push" | "Chunk" = "nothing"
    const proxy = await startFrameProxy(host.endpoint!.target(), (direction, text) =>
      (direction === "up" && lose === "Push" && text.includes("SyncWsRpc.Push")) ||
      (direction === "down" && lose === "Chunk" && text.includes('"Chunk"'))
        ? undefined
        : text,
    )
    const client = await host.open({ storeId: "store", clientId: "a", address: proxy.address, memory: memoryOf() })
    await client.connect(never)
    const live = read(client, { live: true })
    await live.until(() => live.items.length > 0, 2_000)

    lose = "Chunk"
    const other = await open("store")
    await other.push(chain(0, 2), never)
    await pause(500)
    lose = "nothing"
    await outcome("a push behind the head", client.push(chain(0, 1), never), 5_000)
    const told = await live.until(() => live.seqNums().includes(2), 12_000)
    say(`12 s after the refusal the live pull has [${live.seqNums().join(", ")}] and ${live.ended() ?? "is open"}`)

    lose = "Push"
    const pushed = await outcome("a push whose request is lost", client.push(chain(2, 1), never), 20_000)
    say(`connected: ${client.isConnected()}`)
    proxy.stop()
    return !told && pushed === "pending"
  },
)
