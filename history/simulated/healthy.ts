import type { HistoryRecord } from "../../contract/history.ts"
import { declared } from "../h.ts"
import { makeRecorder } from "../recorder.ts"
import { makeBackend } from "./backend.ts"
import { makeClient, type SimulatedClient } from "./client.ts"
import { drawFrom } from "./draw.ts"

const stores = ["s", "t"]
const names = ["a", "b", "c"]

/**
 * The history of a correct backend with random clients: pushes that are acknowledged, refused, lost on the way there
 * or back, pulls and live pulls, faults, crashes, wipes and restores. It ends drained, with both kinds of truth.
 * A few choices make a small history, so that it shrinks.
 */
export const healthyHistory = (choices: ReadonlyArray<number>): ReadonlyArray<HistoryRecord> => {
  const { draw, spent } = drawFrom(choices)
  let nowMs = 0
  const recorder = makeRecorder({ nowNs: () => nowMs * 1e6 })
  const tick = (ms: number) => void (nowMs += ms)
  const known = draw(2) === 1
  // Each history draws its own weather, so that some are long and calm and others stormy.
  const changesOnceIn = 40 * (1 + 10 * draw(2))
  const endsOnceIn = 24 * (1 + 10 * draw(2))
  recorder.begin({ ...declared, pullPageInfoKnown: known })
  const backends = stores.map((store) => makeBackend(store, known))
  const clients: Array<SimulatedClient> = []
  for (const backend of backends) {
    for (const name of names) {
      clients.push(makeClient({ id: `${name}-${backend.name}`, backend, recorder, draw, rejected: false, endsOnceIn }))
    }
  }
  const refused = makeClient({ id: "refused", backend: backends[0]!, recorder, draw, rejected: true, endsOnceIn })
  clients.push(refused)
  for (const client of clients) client.open("fresh")

  while (!spent()) {
    tick(draw(3))
    const what = draw(changesOnceIn)
    const backend = backends[draw(8) === 0 ? 1 : 0]!
    if (what === 0) backend.change(recorder, draw, draw(3))
    else if (what === 1 && clients.every((client) => client.isIdle())) tick(20_000)
    else clients[draw(clients.length)]!.step()
  }
  for (const backend of backends) if (backend.isChanging()) backend.change(recorder, draw, 0)
  for (const client of clients) client.drain()
  for (const backend of backends) {
    tick(1)
    const reader = makeClient({
      id: `truth-${backend.name}`,
      backend,
      recorder,
      draw: () => 0,
      rejected: false,
      endsOnceIn,
    })
    reader.open("fresh")
    const pulled = reader.pullAll()
    recorder.truth(backend.name, "pull", pulled)
    recorder.truth(backend.name, "inspect", backend.log())
  }
  recorder.end()
  return recorder.records()
}
