import { chain, demonstrate, never } from "./lab.ts"

// A cursor with the memory of its client must work in a new process (pull/suffix). A push does not store the
// backendId, and a pull with a cursor and without one throws while it is built.
await demonstrate(
  "A client that has only pushed starts again and pulls from its cursor",
  async ({ open, read, outcome, say }) => {
    const memory = new Map<string, string>()
    const before = await open("store", { memory })
    await before.connect(never)
    await outcome("push", before.push(chain(0, 1), never), 3_000)
    await before.close()
    const after = await open("store", { memory })
    await after.connect(never)
    const pull = read(after, { live: false, cursor: 1 })
    await pull.until(() => pull.ended() !== undefined, 3_000)
    say(`pull with cursor 1: ${pull.ended()}`)
    return pull.ended()?.includes("Defect") === true
  },
)
