import type { MakeChecker } from "../checker.ts"
import { argue, at, eventsOf, knew, position, records, seconds } from "../explain.ts"
import type { Operation } from "../model/operation.ts"
import { findPush } from "../model/slot.ts"

/** An acknowledged batch stood on the head at some instant of the call, and no other batch stands there too. */
export const admission: MakeChecker = () => ({
  names: ["stale-parent-accepted", "double-winner"],
  on: {
    ok: (record, model, report) => {
      const op = model.open.get(record.op)
      if (op === undefined || op.f !== "push" || op.batch.length === 0) return
      const { store, known, batch } = op
      if (!store.isCurrent(op) || store.life.unsure) return
      const parent = batch[0]!.parentSeqNum
      const rival = store.contendersOn(parent)
      const winner = rival.ackedLife === store.life.index ? rival.first : undefined
      const stale = parent < known.seq
      const nowhere = !canBeHead(op, parent)
      if (!stale && !nowhere && winner === undefined) return
      if (isSentAgain(op)) return
      const what = `${at(op, record.t)} was acknowledged with ${eventsOf(batch)} on ${position(parent)}`
      if (stale || nowhere) {
        report(
          "stale-parent-accepted",
          records(stale ? known.i : -1, op.i, record.i),
          () =>
            argue(
              what,
              stale
                ? `${knew(known)}, before the push began`
                : `no batch that could be in the log ends with event ${parent}`,
              "a batch was accepted that never stood on the head",
            ),
          { store },
        )
      }
      if (winner !== undefined) {
        report(
          "double-winner",
          records(winner.i, winner.endI, op.i, record.i),
          () =>
            argue(
              what,
              `client ${winner.client.id}'s ${eventsOf(winner.batch)} on the same parent had been acknowledged at ${seconds(winner.endT)}`,
              "two batches won one parent",
            ),
          { store },
        )
      }
    },
  },
})

/** Whether a position can be the head at some time: a batch that was not refused ends there. */
const canBeHead = ({ store }: Operation, seq: number): boolean => {
  if (seq === 0) return true
  const slot = store.slots.get(seq)
  return slot !== undefined && slot.ends && slot.open > 0
}

/**
 * Whether each event of the batch may be there already by another push: the backend may acknowledge an accepted
 * batch again as the same.
 */
const isSentAgain = (op: Operation): boolean =>
  op.batch.every((event) => {
    const slot = op.store.slots.get(event.seqNum)
    return slot !== undefined && findPush(slot, event, (push) => push !== op && push.end !== "refused") !== undefined
  })
