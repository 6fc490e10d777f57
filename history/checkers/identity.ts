import type { RecordOf } from "../../contract/history.ts"
import type { MakeChecker, Report } from "../checker.ts"
import { argue, at, errorOf, eventsOf, records, seconds } from "../explain.ts"
import type { Life } from "../model/life.ts"
import type { Operation } from "../model/operation.ts"
import { pushesAt } from "../model/slot.ts"
import { isSurelyValid } from "../valid-batch.ts"

/**
 * `BackendIdMismatch` comes exactly to clients that know an earlier life. What they knew is certain only from what
 * they did in it; a wipe beneath a running backend and a restore change no identity that the history could show.
 */
export const identity: MakeChecker = () => ({
  names: ["identity-adopted", "identity-missed", "identity-false"],
  on: {
    ok: (record, model, report) => {
      const op = model.open.get(record.op)
      if (op === undefined || (op.f !== "push" && op.f !== "pull")) return
      adopted(op, record, report)
    },
    page: (record, model, report) => {
      const op = model.open.get(record.op)
      if (op === undefined || record.events.length === 0) return
      if (op.f === "live" && op.life !== op.store.life.index) liveAcross(op, record, report)
      else adopted(op, record, report)
    },
    refused: (record, model, report) => {
      const op = model.open.get(record.op)
      if (op === undefined) return
      if (record.error.tag === "BackendIdMismatch") falseAlarm(op, record, report)
      else missed(op, record, report)
    },
  },
})

/** The wipe that this operation's client must notice: it began after it and its client surely knows only the life before. */
const unnoticed = (op: Operation): Life | undefined => {
  const { store, client } = op
  const { life } = store
  if (!store.isCurrent(op) || life.how !== "wipe" || op.rejected) return undefined
  return client.knows !== -1 && client.knows < life.index && client.told < life.index ? life : undefined
}

const adopted = (op: Operation, record: RecordOf<"ok" | "page">, report: Report): void => {
  const life = unnoticed(op)
  if (life === undefined) return
  op.client.told = life.index
  report(
    "identity-adopted",
    records(life.startI, life.doneI, op.i, record.i),
    () =>
      argue(
        `${at(op)} ${op.f === "push" ? `was acknowledged with ${eventsOf(op.batch)}` : "gave the new life's log"} at ${seconds(record.t)}`,
        `the data was wiped at ${seconds(life.doneT)} and client ${op.client.id} knew the life before`,
        "it took the new identity for the old one",
      ),
    { store: op.store },
  )
}

const missed = (op: Operation, record: RecordOf<"refused">, report: Report): void => {
  const life = unnoticed(op)
  if (life === undefined || !ofTheHead(op, record)) return
  op.client.told = life.index
  report(
    "identity-missed",
    records(life.startI, life.doneI, op.i, record.i),
    () =>
      argue(
        `${at(op)} was refused with ${errorOf(record.error)} at ${seconds(record.t)}`,
        `the data was wiped at ${seconds(life.doneT)} and client ${op.client.id} knew the life before`,
        "it had to be refused with BackendIdMismatch",
      ),
    { store: op.store },
  )
}

/** Whether the refusal speaks of the log; one of the batch, the application or the payload may come first. */
const ofTheHead = (op: Operation, { error }: RecordOf<"refused">): boolean =>
  error.tag === "CursorAhead" || (error.tag === "ServerAhead" && isSurelyValid(op.batch))

/** A live pull that was reading the life before gives an event that was pushed only after the wipe. */
const liveAcross = (op: Operation, record: RecordOf<"page">, report: Report): void => {
  const { store, client } = op
  const { life } = store
  if (life.how !== "wipe" || op.life !== life.index - 1 || store.changingI !== -1) return
  const { firstI } = op.pull!
  // What was delivered before the wipe shows that it was reading that life; opened is not yet reading.
  if (firstI === -1 || firstI > life.startI || client.told >= life.index) return
  const event = record.events.find(({ seqNum }) => {
    const slot = store.slots.get(seqNum)
    return slot !== undefined && pushesAt(slot).every((push) => push.i > life.doneI)
  })
  if (event === undefined) return
  client.told = life.index
  report(
    "identity-adopted",
    records(op.i, life.startI, life.doneI, record.i),
    () =>
      argue(
        `${at(op)} gave event ${event.seqNum} at ${seconds(record.t)}`,
        `the event was pushed after the wipe at ${seconds(life.doneT)}, and the pull had been reading the life before`,
        "it went over to the new life silently",
      ),
    { store },
  )
}

/** A mismatch without a change of life that this client's memory could stem from. */
const falseAlarm = (op: Operation, record: RecordOf<"refused">, report: Report): void => {
  const { store, client, cursor } = op
  const { life } = store
  if (store.changingI !== -1 || client.foreign) return
  const claim = `${at(op)} was refused with ${errorOf(record.error)} at ${seconds(record.t)}`
  const tell = (because: number, grounds: string) =>
    report("identity-false", records(because, op.i, record.i), () => argue(claim, grounds, "no identity had changed"), {
      store,
    })
  if (life.index === 0) return tell(-1, "the store's data was neither wiped nor restored")
  const sure = store.isCurrent(op) && cursor === 0 && store.lives.every(({ unsure }) => !unsure)
  if (sure && client.memoryI > life.doneI && op.i > client.memoryI) {
    tell(
      client.memoryI,
      `client ${client.id}'s memory began after the last change of the data, at ${seconds(life.doneT)}`,
    )
  }
}
