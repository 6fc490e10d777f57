import { chain, demonstrate, never } from "./lab.ts"

// On D1 each store has a table, whose name is the store's with every other letter made an underscore, and SQLite takes
// upper and lower case for the same (store/similar-names): one tenant reads another's log.
await demonstrate(
  "Two stores on D1, team-a and team_a",
  async ({ open, read, say }) => {
    const [dash, underscore] = [await open("team-a"), await open("team_a")]
    await dash.push(chain(0, 3), never)
    const pull = read(underscore, { live: false })
    await pull.until(() => pull.ended() !== undefined, 5_000)
    say(`team-a was given 3 events; team_a has ${JSON.stringify(pull.seqNums())}`)
    return pull.seqNums().length === 3
  },
  { transport: "ws", storage: "d1" },
)
