import type { RecordOf } from "../../contract/history.ts"
import type { MakeChecker, Report } from "../checker.ts"
import { argue, at, errorOf, eventsOf, knew, position, records, seconds } from "../explain.ts"
import type { Model } from "../model/model.ts"
import type { Operation } from "../model/operation.ts"
import { pushesAt, offers, type Slot } from "../model/slot.ts"
import { isSurelyValid } from "../valid-batch.ts"

/** A refusal has its reason: the head, the batch, the application, the payload, the cursor. */
export const refusals: MakeChecker = () => {
  /** Refusals of a payload: a revocation may be recorded after them. */
  const payloads: Array<{ readonly op: Operation; readonly i: number; readonly t: number }> = []
  return {
    names: ["wrong-refusal"],
    on: {
      refused: (record, model, report) => {
        const op = model.open.get(record.op)
        // A store with an odd name may be refused everywhere.
        if (op === undefined || !isPlainName(op.store.name)) return
        if (record.error.tag === "PayloadRejected") {
          if (!op.rejected) payloads.push({ op, i: record.i, t: record.t })
        } else judgeRefusal(op, record, report)
      },
    },
    finish: (model, report) => {
      for (const { op, i, t } of payloads) judgePayload(op, i, t, model, report)
    },
  }
}

const isPlainName = (name: string): boolean => /^[\w-]+$/.test(name)

const judgePayload = (op: Operation, i: number, t: number, model: Model, report: Report): void => {
  if (model.revoked.has(op.client.id)) return
  const claim = `${at(op)} was refused with ${errorOf(op.error!)} at ${seconds(t)}`
  const grounds = "the application accepts this client's payload and never revoked it"
  report("wrong-refusal", records(op.i, i), () => argue(claim, grounds, "the refusal has no reason"), {
    store: op.store,
  })
}

const judgeRefusal = (op: Operation, record: RecordOf<"refused">, report: Report): void => {
  const grounds = groundless(op, record)
  if (grounds === undefined) return
  const claim = `${at(op)}${op.f === "push" ? ` of ${eventsOf(op.batch)}` : ""} was refused with ${errorOf(record.error)} at ${seconds(record.t)}`
  report(
    "wrong-refusal",
    records(op.known.i, op.i, record.i),
    () => argue(claim, grounds(), "the refusal has no reason"),
    { store: op.store },
  )
}

/** Why a refusal cannot be right, if that is certain. */
const groundless = (op: Operation, { error }: RecordOf<"refused">): (() => string) | undefined => {
  const { store, batch, known, cursor } = op
  const judgeable = store.isCurrent(op) && !store.life.unsure && !op.rejected
  const parent = batch[0]?.parentSeqNum ?? 0
  switch (error.tag) {
    case "PushRejected":
      if (op.f !== "push" || batch.some(({ name }) => isForApplication(name))) return undefined
      return () => "the application refuses only gauntlet.reject and gauntlet.throw, and the batch has neither"
    case "InvalidPush":
      if (op.f !== "push" || !judgeable || !store.isPosition(parent) || !isSurelyValid(batch)) return undefined
      return () => `the batch is a plain chain on ${position(parent)}, which is in the log`
    case "CursorAhead":
      if (op.f === "push" || !judgeable || cursor > known.seq || !isOwnCursor(op)) return undefined
      return () => `its cursor is ${cursor} and ${knew(known)}, before it began`
    case "ServerAhead":
      if (op.f !== "push" || !judgeable || batch.length === 0 || !wasHeadThroughout(op, parent, error.head))
        return undefined
      return () =>
        `${knew(known)}, and until the refusal nobody else had pushed anything on ${position(parent)} that could be stored`
    default:
      return undefined
  }
}

/** Whether the cursor stands on this log and cannot stem from an earlier life. */
const isOwnCursor = ({ store, client, cursor, i }: Operation): boolean =>
  store.isPosition(cursor) &&
  !client.foreign &&
  (store.life.index === 0 || (client.memoryI > store.life.doneI && i > client.memoryI))

const isForApplication = (name: string): boolean => name === "gauntlet.reject" || name === "gauntlet.throw"

/**
 * Whether the first parent was the head from invocation to answer: it was the furthest known position before, every
 * push that can have put it there ends there, and no other push on it can have been stored.
 */
const wasHeadThroughout = (op: Operation, parent: number, head: number | undefined): boolean => {
  const { store, known } = op
  // A snapshot may have been taken a little later than its head was read.
  if (store.life.how === "restore" && head !== undefined && head > parent && store.slots.has(head)) return false
  if (parent !== known.seq || store.life.known.seq !== parent || store.rivals(op) > 0) return false
  if (op.batch.some(({ odd }) => odd !== undefined)) return false
  if (parent === 0) return true
  const slot = store.proven(parent)
  return slot !== undefined && pushesAt(slot).every((push) => endsHere(push, slot))
}

const endsHere = (push: Operation, slot: Slot): boolean =>
  push.end === "refused" || push.batch.at(-1)?.seqNum === slot.seq || !offers(push, slot.value!)
