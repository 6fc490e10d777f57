import { ceilings } from "../../contract/capabilities.ts"
import type { HistoryRecord, RecordedEvent, RecordOf } from "../../contract/history.ts"
import type { ClientModel } from "./client-model.ts"
import { Disturbances } from "./disturbances.ts"
import type { Known } from "./known.ts"
import type { End, Operation } from "./operation.ts"
import { deliver, showTruth } from "./sightings.ts"
import { StoreModel } from "./store-model.ts"

const noEvents: ReadonlyArray<RecordedEvent> = []

/** What verdicts take from `begin`; a section without one is judged by the contract's ceilings. */
export type Declared = Pick<
  RecordOf<"begin">,
  | "errors"
  | "pullPageInfoKnown"
  | "pageEvents"
  | "pageBytes"
  | "deadlineMs"
  | "detectionMs"
  | "recoveryMs"
  | "deliveryMs"
>

const undeclared: Declared = {
  errors: "full",
  pullPageInfoKnown: false,
  pageEvents: Infinity,
  pageBytes: Infinity,
  ...ceilings,
}

/**
 * What the history has shown so far. Checkers look at it before it takes in the record that they are given: it is
 * the state of knowledge at which that record arrived.
 */
export class Model {
  declared: Declared = undeclared
  readonly stores = new Map<string, StoreModel>()
  /** Operations that have not ended. */
  readonly open = new Map<number, Operation>()
  /** Live pulls among them, of clients that have not ended. */
  readonly lives = new Set<Operation>()
  readonly disturbances = new Disturbances()
  /** Clients whose payload was ever revoked. */
  readonly revoked = new Set<string>()
  /** Live pulls and pulls whose reader has stopped reading. */
  readonly paused = new Set<number>()
  private truthEvents: { readonly i: number; readonly bySeq: ReadonlyMap<number, RecordedEvent> } | undefined
  /** Time of the latest record, in nanoseconds. */
  nowT = 0

  store(name: string): StoreModel {
    let store = this.stores.get(name)
    if (store === undefined) {
      store = new StoreModel(name)
      this.stores.set(name, store)
    }
    return store
  }

  /** The events of a truth by position; made once for all checkers. */
  truthBySeq(record: RecordOf<"truth">): ReadonlyMap<number, RecordedEvent> {
    if (this.truthEvents?.i !== record.i) {
      const bySeq = new Map<number, RecordedEvent>()
      for (const event of record.events) bySeq.set(event.seqNum, event)
      this.truthEvents = { i: record.i, bySeq }
    }
    return this.truthEvents.bySeq
  }

  /** Takes in one record. */
  apply(record: HistoryRecord): void {
    this.nowT = record.t
    switch (record.k) {
      case "begin":
        this.declared = record
        return
      case "client":
        return this.opened(record)
      case "client-end":
        for (const store of this.stores.values()) {
          const client = store.clients.get(record.client)
          if (client === undefined) continue
          client.endI = record.i
          if (record.how === "crash") client.crashI = record.i
        }
        for (const op of this.lives) if (op.client.id === record.client) this.lives.delete(op)
        return
      case "invoke":
        return this.invoked(record)
      case "page": {
        const op = this.open.get(record.op)
        if (op?.pull !== undefined) deliver(op, op.pull, record)
        return
      }
      case "ok":
        return this.ended(record, "ok")
      case "refused":
        return this.ended(record, "refused")
      case "indefinite":
        return this.ended(record, "indefinite")
      case "interrupted":
        return this.ended(record, "interrupted")
      case "stuck":
      case "interrupt": {
        const op = this.open.get(record.op)
        if (op === undefined) return
        if (record.k === "stuck") op.stuckI = record.i
        else op.interruptI = record.i
        return
      }
      case "defect":
        return this.died(record)
      case "life":
        this.disturbances.apply(record)
        return this.lifeChanges(record)
      case "fault":
      case "process":
        return this.disturbances.apply(record)
      case "truth":
        return showTruth(this.store(record.store), record)
      case "revoked":
      case "foreign-cursor":
        return this.marked(record)
      case "paused":
        this.paused.add(record.op)
        return
      case "resumed":
        this.paused.delete(record.op)
        this.disturbances.touch(record.t)
        return
    }
  }

  private opened(record: RecordOf<"client">): void {
    const client = this.store(record.store).client(record.client)
    client.openI = record.i
    client.endI = -1
    client.rejected = record.rejected === true
    client.revokedI = -1
    client.connected = false
    if (record.memory === "kept" && client.memoryI !== -1) return
    client.memoryI = record.i
    client.knows = -1
    client.told = -1
    client.seenLife = -1
  }

  private invoked(record: RecordOf<"invoke">): void {
    const { op, f, i, t, batch = noEvents, cursor = 0 } = record
    const store = this.store(record.store)
    const client = store.client(record.client)
    const pulls = f === "pull" || f === "live"
    const operation: Operation = {
      op,
      f,
      client,
      store,
      i,
      t,
      batch,
      cursor,
      whole: f === "pull" && record.cursor === undefined,
      life: store.changingI === -1 ? store.life.index : -1,
      known: store.life.known,
      seen: pulls && client.seenLife === store.life.index ? seenBy(client) : undefined,
      rejected: client.rejected || client.revokedI !== -1,
      pull: pulls
        ? {
            pages: 0,
            delivered: 0,
            last: cursor,
            lastI: i,
            lastT: t,
            info: undefined,
            firstI: -1,
            noMoreI: -1,
            livePages: 0,
            holes: undefined,
          }
        : undefined,
      end: "open",
      endI: -1,
      endT: 0,
      error: undefined,
      stuckI: -1,
      interruptI: -1,
    }
    this.open.set(op, operation)
    if (f === "live") this.lives.add(operation)
    if (f !== "push") return
    store.register(operation)
    if (operation.rejected && operation.life !== -1) store.life.barred.push(operation)
  }

  private ended(record: RecordOf<"ok" | "refused" | "indefinite" | "interrupted">, end: End): void {
    const op = this.open.get(record.op)
    if (op === undefined) return
    this.open.delete(record.op)
    this.lives.delete(op)
    this.paused.delete(record.op)
    op.end = end
    op.endI = record.i
    op.endT = record.t
    if ("error" in record) op.error = record.error
    const { store, client } = op
    const current = store.isCurrent(op)
    if (op.f === "push") {
      if (end === "ok") this.acknowledged(op, current)
      else if (end === "refused") this.refused(op, current)
    } else if (op.f === "connect" && end === "ok") client.connected = true
    // What an operation of an earlier opening learned went with the memory that the client had then.
    const ofThisMemory = op.i > client.memoryI
    if (end === "ok" && current && ofThisMemory && (op.f === "push" || op.f === "pull")) {
      client.knows = store.life.index
    }
    if (op.error?.tag === "BackendIdMismatch" && ofThisMemory) {
      client.told = store.life.index + (store.changingI === -1 ? 0 : 1)
    }
    if (!current || !op.whole || end !== "ok") return
    store.lastWholeI = op.i
    if (op.pull!.info === "NoMore" && op.pull!.last < op.known.seq && !op.rejected) {
      const { lastI, lastT, last } = op.pull!
      store.life.shortPull = { op, i: lastI, t: lastT, last }
    }
  }

  /** An acknowledged batch is in the log, unless the data was changed meanwhile: then it may be gone with it. */
  private acknowledged(op: Operation, current: boolean): void {
    const { store, batch } = op
    if (!current || batch.length === 0) return
    store.resolve(op, true)
    for (const event of batch) {
      const slot = store.slots.get(event.seqNum)!
      store.prove(slot, event)
      slot.ack ??= op
    }
    const { life } = store
    const seq = batch[batch.length - 1]!.seqNum
    life.ackedEvents += batch.length
    life.acks.push(op)
    life.ackedUpTo.push(Math.max(seq, life.ackedUpTo.at(-1) ?? 0))
    if (seq > life.known.seq) {
      life.known = { seq, how: "acknowledged", client: op.client.id, i: op.endI, t: op.endT }
    }
  }

  private refused(op: Operation, current: boolean): void {
    const { store, error, batch } = op
    store.resolve(op, false)
    if (!current) return
    if (!op.rejected && batch.length > 0) store.life.barred.push(op)
    if (error?.tag !== "ServerAhead" || error.head === undefined) return
    const slot = store.slots.get(error.head)
    if (error.head > store.life.known.seq && slot !== undefined && slot.open > 0) {
      store.life.known = { seq: error.head, how: "named", client: op.client.id, i: op.endI, t: op.endT }
    }
  }

  private lifeChanges(record: RecordOf<"life">): void {
    const store = this.store(record.store)
    if (record.phase === "start") store.changingI = record.i
    else store.beginLife(record)
  }

  /** What died of a defect ended so: nothing is known of what it did. */
  private died(record: RecordOf<"defect">): void {
    const op = record.op === undefined ? undefined : this.open.get(record.op)
    if (op === undefined) return
    this.open.delete(op.op)
    this.lives.delete(op)
    op.end = "indefinite"
    op.endI = record.i
    op.endT = record.t
  }

  private marked({ k, i, client: id }: RecordOf<"revoked" | "foreign-cursor">): void {
    if (k === "revoked") this.revoked.add(id)
    for (const store of this.stores.values()) {
      const client = store.clients.get(id)
      if (client === undefined) continue
      if (k === "revoked") client.revokedI = i
      else client.foreign = true
    }
  }
}

const seenBy = ({ id, seenSeq, seenI, seenT }: ClientModel): Known => ({
  seq: seenSeq,
  how: "delivered",
  client: id,
  i: seenI,
  t: seenT,
})
