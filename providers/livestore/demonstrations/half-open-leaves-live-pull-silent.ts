import { chain, demonstrate, never, pause } from "./lab.ts"

// A live pull must go on or fail (live/half-open, conn/loss-detected). The client notices the loss, connects again and
// says that it is connected; the live pull and a push that was under way stay open and silent for ever
// (livestorejs/livestore#1365, #1394).
await demonstrate(
  "A link that goes silent for a while under a live pull",
  async ({ host, relay, open, read, outcome, say }) => {
    const client = await open("store")
    client.onConnectedChange((connected) => say(`connected: ${connected}`))
    await client.connect(never)
    await client.push(chain(0, 1), never)
    const live = read(client, { live: true })
    await live.until(() => live.items.length > 0, 2_000)
    relay.freeze()
    say("frozen")
    const push = client.push(chain(1, 1), never)
    await pause(5_000)
    relay.heal()
    say("healed")
    await live.until(client.isConnected, 40_000)
    const other = await open("store")
    const head = ((await host.inspect?.("store")) ?? []).length
    await outcome(`another client pushes event ${head + 1}`, other.push(chain(head, 1), never), 5_000)
    const told = await live.until(() => live.ended() !== undefined || live.seqNums().length > 1, 8_000)
    say(
      `the live pull has ${live.seqNums().join(", ")} and ${live.ended() ?? "is open"}; connected: ${client.isConnected()}`,
    )
    const pushed = await outcome("the push that was under way", push, 1_000)
    return !told || pushed === "pending"
  },
)
