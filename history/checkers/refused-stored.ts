import type { MakeChecker } from "../checker.ts"
import { argue, at, errorOf, knewSlotI, records, seconds } from "../explain.ts"
import type { Operation } from "../model/operation.ts"
import { eventAt, findPush, type Slot } from "../model/slot.ts"
import type { StoreModel } from "../model/store-model.ts"
import { sameEvent } from "../same-event.ts"

/**
 * A definite refusal promises that the attempt appends nothing, ever; and nothing is stored for a client whose
 * payload the application refuses. The same event may be there by another attempt, so this is told at the end.
 */
export const refusedStored: MakeChecker = () => ({
  names: ["refused-but-stored"],
  on: {},
  lifeEnds: (store, _model, report) => {
    for (const push of store.life.barred) {
      const slot = storedBy(push, store)
      if (slot === undefined) continue
      report("refused-but-stored", records(push.i, push.endI, knewSlotI(slot)), () => explain(push, slot), { store })
    }
  },
})

/** A position that shows an event which only this push, or others that may not store either, can have put there. */
const storedBy = (push: Operation, store: StoreModel): Slot | undefined => {
  for (const { seqNum } of push.batch) {
    const slot = store.proven(seqNum)
    if (slot === undefined || (slot.seenI === -1 && slot.truthI === -1)) continue
    const event = eventAt(push, seqNum)
    if (event === undefined || !sameEvent(event, slot.value!)) continue
    if (findPush(slot, event, (other) => other !== push && mayStore(other)) === undefined) return slot
  }
  return undefined
}

const mayStore = (push: Operation): boolean => push.end !== "refused" && !push.rejected

const explain = (push: Operation, slot: Slot): string => {
  const shown =
    slot.seenBy === undefined
      ? `the final log has event ${slot.seq}`
      : `client ${slot.seenBy.client.id} was given event ${slot.seq} at ${seconds(slot.seenT)}`
  const barred =
    push.end === "refused"
      ? `${at(push)} of it was refused with ${errorOf(push.error!)} at ${seconds(push.endT)}`
      : `${at(push)} came from a client whose payload the application refuses`
  return argue(shown, [barred, "no other attempt had pushed it"], "a push that may store nothing was stored")
}
