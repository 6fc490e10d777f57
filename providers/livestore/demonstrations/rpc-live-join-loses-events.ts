import { chain, demonstrate, never } from "./lab.ts"

// What is pushed while a live pull goes over from history to live must reach it (live/join-under-writes). The client
// takes news for this pull only after it has read the whole history; those that come before are dropped.
await demonstrate(
  "Live pulls over RPC that begin while another client pushes",
  async ({ open, read, say }) => {
    let lost = 0
    for (let round = 1; round <= 10; round += 1) {
      const [writer, reader] = [await open(`store ${round}`), await open(`store ${round}`)]
      for (let at = 0; at < 5; at += 1) await writer.push(chain(at * 100, 100), never)
      const live = read(reader, { live: true })
      for (let parent = 500; parent < 510; parent += 1) await writer.push(chain(parent, 1), never)
      await live.until(() => live.seqNums().includes(510), 2_000)
      const missing = Array.from({ length: 510 }, (_, at) => at + 1).filter((n) => !live.seqNums().includes(n))
      if (missing.length > 0) lost += 1
      say(`round ${round}: missing ${JSON.stringify(missing)}`)
    }
    return lost > 0
  },
  { transport: "do-rpc", storage: "do" },
)
