import { makeMock } from "../../mock/provider.ts"
import type { ClientIdentity } from "../../mock/client/seams.ts"

/**
 * A live pull acknowledges a page when it asks for the next one. When its connection is lost it goes on from the last
 * acknowledged page: the one that it was given last comes again.
 */
export const weakAtLeastOnce = makeMock({
  key: "weak-at-least-once",
  title: "the mock, with live pulls that deliver a page again after a reconnect",
  seams: () => {
    const acknowledged = new Map<string, number>()
    const keyOf = ({ storeId, clientId }: ClientIdentity) => JSON.stringify([storeId, clientId])
    return {
      client: {
        deliver: ({ item, live, client }) => {
          const first = item.events[0]
          if (live && first !== undefined) acknowledged.set(keyOf(client), first.event.parentSeqNum)
          return [item]
        },
        resumeAt: (position, { client }) => {
          const after = acknowledged.get(keyOf(client))
          if (after === undefined || after >= (position.after ?? 0)) return position
          return after === 0 ? {} : { after }
        },
      },
    }
  },
})
