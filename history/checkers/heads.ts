import type { RecordOf } from "../../contract/history.ts"
import type { MakeChecker } from "../checker.ts"
import { argue, at, errorOf, knew, records, seconds } from "../explain.ts"
import type { Operation } from "../model/operation.ts"
import { eventAt } from "../model/slot.ts"

/** The head that a `ServerAhead` names was the head at some instant of the call. */
export const heads: MakeChecker = () => ({
  names: ["untrue-head"],
  on: {
    refused: (record, model, report) => {
      if (record.error.tag !== "ServerAhead") return
      const op = model.open.get(record.op)
      if (op === undefined || op.f !== "push" || op.batch.length === 0) return
      if (!op.store.isCurrent(op) || op.store.life.unsure) return
      const grounds = lie(op, record)
      if (grounds === undefined) return
      const claim = `${at(op)} was refused with ${errorOf(record.error)} at ${seconds(record.t)}`
      const [text, because] = grounds
      report("untrue-head", records(because, op.i, record.i), () => argue(claim, text, "it was not told the head"), {
        store: op.store,
      })
    },
  },
})

/** What proves that the error tells something untrue, and the record that shows it. */
const lie = (op: Operation, { error }: RecordOf<"refused">): readonly [string, number] | undefined => {
  const { store, batch, known } = op
  const { head, providedParent } = error
  const parent = batch[0]!.parentSeqNum
  if (providedParent !== undefined && batch[0]!.odd === undefined && providedParent !== parent) {
    return [`it names ${providedParent} as the batch's first parent, which is ${parent}`, -1]
  }
  if (head === undefined) return ["the error names no head", -1]
  if (head < known.seq) return [`${knew(known)}, before the push began`, known.i]
  if (head === 0 || head === known.seq) return undefined
  const slot = store.slots.get(head)
  if (slot === undefined) return [`nobody had pushed an event ${head}`, -1]
  const own = eventAt(op, head) === undefined ? 0 : 1
  if (slot.open === own)
    return own === 1
      ? [`only this push itself has an event ${head}`, -1]
      : [`every push of an event ${head} had been refused`, -1]
  if (!slot.ends) return [`event ${head} is never the last of a batch`, -1]
  return undefined
}
