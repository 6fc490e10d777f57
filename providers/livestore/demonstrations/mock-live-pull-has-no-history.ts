import { mockBackends } from "../mock.ts"
import { chain, memoryOf, never, read } from "./lab.ts"

// A live pull of the mock gives neither history nor anything after its cursor, and all live pulls share one queue, so
// that each event reaches one of them (live/history-then-stay, live/others).
const backends = mockBackends()
const open = () => backends.open({ storeId: "store", clientId: "demo", memory: memoryOf() })
const [writer, one, two] = [await open(), await open(), await open()]
await writer.push(chain(0, 3), never)
const pulls = [read(one, { live: true }), read(two, { live: true })]
for (const pull of pulls) await pull.until(() => pull.items.length > 0, 1_000)
for (let at = 3; at < 9; at += 1) await writer.push(chain(at, 1), never)
await pulls[0]!.until(() => pulls[0]!.seqNums().length === 9, 1_000)
for (const [at, pull] of pulls.entries()) console.log(`live pull ${at + 1} of 2 gave ${JSON.stringify(pull.seqNums())}`)
const shows = pulls.every((pull) => pull.seqNums().length < 9)
console.log(shows ? "The failure shows." : "The failure does not show.")
process.exit(shows ? 0 : 1)
