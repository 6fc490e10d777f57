import type { RecordedEvent, RecordOf } from "../../contract/history.ts"
import { markOf } from "../same-event.ts"
import { newClientModel, type ClientModel } from "./client-model.ts"
import { firstLife, newLife, type Life } from "./life.ts"
import type { Operation } from "./operation.ts"
import { eventAt, forget, newSlot, pushesAt, type Slot } from "./slot.ts"

/** Pushes whose first event stands on one position. */
export interface Contenders {
  /** Those that were not definitely refused and not acknowledged either: each may have appended. */
  unresolved: number
  /** Those acknowledged in life `ackedLife`, and the first of them. */
  acknowledged: number
  ackedLife: number
  first: Operation | undefined
}

/** Where an event with a mark was pushed. */
export interface MarkedPush {
  readonly push: Operation
  readonly event: RecordedEvent
}

/** What the history has shown of one store so far. */
export class StoreModel {
  readonly name: string
  readonly slots = new Map<number, Slot>()
  readonly contenders = new Map<number, Contenders>()
  readonly clients = new Map<string, ClientModel>()
  readonly lives: Array<Life> = [firstLife()]
  life: Life = this.lives[0]!
  /** The data is being wiped or restored just now (record of the announcement, -1 when not). */
  changingI = -1
  /** Events of pushes that are not resolved. */
  unresolvedEvents = 0
  /** Where the last finite pull of the whole log began that completed, and where the last truth that was pulled stands. */
  lastWholeI = -1
  lastPulledTruthI = -1
  /** Where the last push began. */
  lastPushI = -1
  private marks: Map<string, MarkedPush> | undefined

  constructor(name: string) {
    this.name = name
  }

  client(id: string): ClientModel {
    let client = this.clients.get(id)
    if (client === undefined) {
      client = newClientModel(id)
      this.clients.set(id, client)
    }
    return client
  }

  /** Whether what this operation shows surely belongs to the current life. */
  isCurrent(op: Operation): boolean {
    return op.life === this.life.index && this.changingI === -1
  }

  /** The position with a value proven in the current life. */
  proven(seq: number): Slot | undefined {
    const slot = this.slots.get(seq)
    return slot !== undefined && slot.life !== -1 && this.holds(slot) ? slot : undefined
  }

  /** Whether a position's proven value carries over to the current life; what does not is forgotten. */
  holds(slot: Slot): boolean {
    const now = this.life.index
    if (slot.life === now) return slot.value !== undefined
    if (slot.life === -1) return false
    for (let n = slot.life + 1; n <= now; n++) {
      if (this.lives[n]!.keptHead < slot.seq) {
        forget(slot)
        return false
      }
    }
    slot.life = now
    return slot.value !== undefined
  }

  /** Whether a cursor stands on the log as far as it is known. */
  isPosition(seq: number): boolean {
    return seq === 0 || this.proven(seq) !== undefined
  }

  /** Takes in the events of a push that begins. */
  register(push: Operation): void {
    const { batch } = push
    const last = batch.length - 1
    for (let n = 0; n <= last; n++) {
      const event = batch[n]!
      const slot = this.slots.get(event.seqNum)
      if (slot === undefined) {
        const created = newSlot(event.seqNum, push)
        created.open = 1
        created.ends = n === last
        this.slots.set(event.seqNum, created)
      } else {
        if (slot.push !== push && slot.more?.at(-1) !== push) (slot.more ??= []).push(push)
        slot.open += 1
        if (n === last) slot.ends = true
      }
      if (this.marks !== undefined) this.addMark(push, event)
    }
    this.lastPushI = push.i
    this.unresolvedEvents += batch.length
    if (batch.length > 0) this.contendersOn(batch[0]!.parentSeqNum).unresolved += 1
  }

  contendersOn(parent: number): Contenders {
    let group = this.contenders.get(parent)
    if (group === undefined) {
      group = { unresolved: 0, acknowledged: 0, ackedLife: -1, first: undefined }
      this.contenders.set(parent, group)
    }
    return group
  }

  /** Pushes other than this one that can have appended to this parent in the current life. */
  rivals(push: Operation): number {
    const group = this.contendersOn(push.batch[0]!.parentSeqNum)
    const own = push.end === "open" ? 1 : 0
    return group.unresolved - own + (group.ackedLife === this.life.index ? group.acknowledged : 0)
  }

  /** Resolves a push: what it may still have appended is no longer open. */
  resolve(push: Operation, acknowledged: boolean): void {
    if (push.batch.length === 0) return
    const group = this.contendersOn(push.batch[0]!.parentSeqNum)
    group.unresolved -= 1
    this.unresolvedEvents -= push.batch.length
    if (!acknowledged) {
      for (const event of push.batch) this.slots.get(event.seqNum)!.open -= 1
      return
    }
    if (group.ackedLife !== this.life.index) {
      group.ackedLife = this.life.index
      group.acknowledged = 0
      group.first = undefined
    }
    group.acknowledged += 1
    group.first ??= push
  }

  /** Proves a value for a position in the current life, unless it has one. */
  prove(slot: Slot, event: RecordedEvent): void {
    if (slot.life !== -1 && this.holds(slot)) return
    forget(slot)
    slot.life = this.life.index
    slot.value = event
    if (event.parentSeqNum === 0) slot.depth = 1
    else {
      const parent = this.proven(event.parentSeqNum)
      slot.depth = parent === undefined || parent.depth === 0 ? 0 : parent.depth + 1
    }
  }

  /** How many events the log has up to a position, if that is known. */
  depthOf(seq: number): number | undefined {
    if (seq === 0) return 0
    const depth = this.proven(seq)?.depth
    return depth === undefined || depth === 0 ? undefined : depth
  }

  /** The push that carries a mark, if any. The index is built when it is first asked for: only failures need it. */
  pushWithMark(mark: string): MarkedPush | undefined {
    if (this.marks === undefined) {
      this.marks = new Map()
      for (const slot of this.slots.values()) {
        for (const push of pushesAt(slot)) this.addMark(push, eventAt(push, slot.seq)!)
      }
    }
    return this.marks.get(mark)
  }

  private addMark(push: Operation, event: RecordedEvent): void {
    const mark = markOf(event)
    if (mark !== undefined && !this.marks!.has(mark)) this.marks!.set(mark, { push, event })
  }

  /**
   * What was recorded before this is in the given truth. A truth is recorded once it was read, so what was recorded
   * while it was being read may be missing: it counts from the invocation of its pull, or, past the provider, from
   * the pulled truth right before it.
   */
  truthStartI(truth: RecordOf<"truth">): number {
    if (truth.source === "pull") return this.lastWholeI === -1 ? truth.i : this.lastWholeI
    return this.lastPulledTruthI === -1 || this.lastPushI > this.lastPulledTruthI ? truth.i : this.lastPulledTruthI
  }

  /**
   * The next life begins. A wipe that the backend was not told of is unsure, and so is a restore to an unknown head;
   * 0 stands for unknown where nothing can be read past the provider.
   */
  beginLife(record: RecordOf<"life">): void {
    const { how, head } = record
    const keptHead = how === "restore" ? (head ?? 0) : 0
    const { baseEvents, ackedEvents } = this.life
    const life = newLife({
      index: this.lives.length,
      how,
      keptHead,
      unsure: how === "wipe-beneath" || (how === "restore" && keptHead === 0),
      startI: this.changingI === -1 ? record.i : this.changingI,
      doneI: record.i,
      doneT: record.t,
      // A snapshot has what was acknowledged before it was taken, perhaps more than its head tells, and no more than all.
      baseEvents: how === "restore" ? baseEvents + ackedEvents + this.unresolvedEvents : 0,
    })
    this.lives.push(life)
    this.life = life
    this.changingI = -1
  }
}
