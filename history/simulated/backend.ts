import type { EventEncoded } from "../../contract/event.ts"
import type { Recorder } from "../recorder.ts"
import type { Draw } from "./draw.ts"

/** How the backend answers a push. */
export type Answer =
  | { readonly _tag: "ok" }
  | { readonly _tag: "ServerAhead"; readonly head: number; readonly providedParent: number }
  | { readonly _tag: "BackendIdMismatch"; readonly expected: string; readonly received: string }
  | { readonly _tag: "PushRejected"; readonly reason: string }
  | { readonly _tag: "InvalidPush"; readonly message: string }

/** A correct backend of one store: one log, one identity, batches whole or not at all. */
export interface SimulatedBackend {
  readonly name: string
  /** Whether its pages say how much remains. */
  readonly knowsRemaining: boolean
  readonly log: () => ReadonlyArray<EventEncoded>
  readonly head: () => number
  readonly identity: () => number
  /** Rises with each change of the data, also where the identity stays. */
  readonly life: () => number
  /** Takes a batch of a client that knows an identity, or none (-1). */
  readonly push: (batch: ReadonlyArray<EventEncoded>, identity: number, sameAgain: boolean) => Answer
  /**
   * Begins to wipe the data (`how` 0), to restore an older state (1) or to delete it beneath the running backend (2);
   * completes it when it had begun. The data changes at either end.
   */
  readonly change: (recorder: Recorder, draw: Draw, how: number) => void
  readonly isChanging: () => boolean
}

export const makeBackend = (name: string, knowsRemaining: boolean): SimulatedBackend => {
  let log: ReadonlyArray<EventEncoded> = []
  let identity = 0
  let life = 0
  let changing: (() => void) | undefined
  const head = () => log.at(-1)?.seqNum ?? 0

  const isChain = (batch: ReadonlyArray<EventEncoded>) =>
    batch.every(({ seqNum, parentSeqNum }, n) => {
      const before = n === 0 ? parentSeqNum : batch[n - 1]!.seqNum
      return seqNum > parentSeqNum && parentSeqNum === before
    })

  return {
    name,
    knowsRemaining,
    log: () => log,
    head,
    identity: () => identity,
    life: () => life,
    push: (batch, knows, sameAgain) => {
      if (knows !== -1 && knows !== identity) {
        return { _tag: "BackendIdMismatch", expected: String(knows), received: String(identity) }
      }
      if (!isChain(batch)) return { _tag: "InvalidPush", message: "no chain" }
      if (batch.some((event) => event.name === "gauntlet.reject")) return { _tag: "PushRejected", reason: "no" }
      const parent = batch[0]!.parentSeqNum
      if (parent !== head()) {
        const there = batch.every((event) => log.includes(event))
        return there && sameAgain ? { _tag: "ok" } : { _tag: "ServerAhead", head: head(), providedParent: parent }
      }
      log = [...log, ...batch]
      return { _tag: "ok" }
    },
    isChanging: () => changing !== undefined,
    change: (recorder, draw, how) => {
      if (changing !== undefined) {
        changing()
        changing = undefined
        return
      }
      const early = draw(2) === 0
      const { data, restored } = how === 1 ? snapshotOf(log, draw) : { data: [], restored: 0 }
      const what = { store: name, how: (["wipe", "restore", "wipe-beneath"] as const)[how % 3]!, head: restored }
      const replace = () => {
        log = data
        life += 1
        if (what.how === "wipe") identity += 1
      }
      recorder.life({ ...what, phase: "start" })
      if (early) replace()
      changing = () => {
        if (!early) replace()
        recorder.life({ ...what, phase: "done" })
      }
    },
  }
}

/** An older state of a log: it ends where a batch ends. */
const snapshotOf = (log: ReadonlyArray<EventEncoded>, draw: Draw) => {
  let data = log.slice(0, draw(log.length + 1))
  while (data.length > 0 && !batchEnds.has(data.at(-1)!)) data = data.slice(0, -1)
  return { data, restored: data.at(-1)?.seqNum ?? 0 }
}

const batchEnds = new WeakSet<EventEncoded>()

/** Marks the last event of a batch. */
export const noteBatch = (batch: ReadonlyArray<EventEncoded>): ReadonlyArray<EventEncoded> => {
  const last = batch.at(-1)
  if (last !== undefined) batchEnds.add(last)
  return batch
}
