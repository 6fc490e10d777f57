import type { EventEncoded } from "../contract/event.ts"
import type { ArenaClient, ChainOptions } from "./arena.ts"

/**
 * Makes chains of events. Each event carries `args.mark`, used once in a check and kept through rebases, so that a
 * doubled event is known by it.
 */
export const makeChain = () => {
  let marks = 0
  return (
    client: Pick<ArenaClient, "id">,
    parent: number,
    count: number,
    options: ChainOptions = {},
  ): ReadonlyArray<EventEncoded> =>
    Array.from({ length: count }, (_, index) => {
      const event: EventEncoded = {
        seqNum: parent + index + 1,
        parentSeqNum: parent + index,
        name: options.name ?? "gauntlet.event",
        args: { mark: `${client.id}-${++marks}`, ...options.args },
        clientId: client.id,
        sessionId: `${client.id}-session`,
      }
      return options.sizeBytes === undefined ? event : padded(event, options.sizeBytes)
    })
}

/** Pads an event's arguments so that it is `sizeBytes` long as JSON. */
const padded = (event: EventEncoded, sizeBytes: number): EventEncoded => {
  const args = event.args as Record<string, unknown>
  const bare = JSON.stringify({ ...event, args: { ...args, pad: "" } }).length
  return { ...event, args: { ...args, pad: "x".repeat(Math.max(0, sizeBytes - bare)) } }
}
