import type { MakeChecker } from "../checker.ts"
import { argue, at, eventsOf, records, seconds } from "../explain.ts"
import { pushesAt } from "../model/slot.ts"

/**
 * Nothing is shown to a client whose payload the application refuses; and nothing that was pushed after a
 * revocation to a live pull that was open before it.
 */
export const payloads: MakeChecker = () => ({
  names: ["payload-bleed"],
  on: {
    page: (record, model, report) => {
      if (record.events.length === 0) return
      const op = model.open.get(record.op)
      if (op === undefined) return
      const { store, client } = op
      const claim = () => `${at(op, record.t)} was given ${eventsOf(record.events)}`
      if (op.rejected) {
        report(
          "payload-bleed",
          records(op.i, record.i),
          () => argue(claim(), "the application refuses this client's payload", "events were shown without permission"),
          { store },
        )
      } else if (client.revokedI > op.i) {
        const later = record.events.find(({ seqNum }) => {
          const slot = store.slots.get(seqNum)
          return slot !== undefined && pushesAt(slot).every((push) => push.i > client.revokedI)
        })
        if (later === undefined) return
        const push = store.slots.get(later.seqNum)!.push
        const grounds = `client ${push.client.id} pushed event ${later.seqNum} at ${seconds(push.t)}, after this client's payload had been revoked`
        report(
          "payload-bleed",
          records(op.i, client.revokedI, push.i, record.i),
          () => argue(claim(), grounds, "events were shown without permission"),
          { store },
        )
      }
    },
  },
})
