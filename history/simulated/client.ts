import type { EventEncoded } from "../../contract/event.ts"
import type { Recorder } from "../recorder.ts"
import { noteBatch, type Answer, type SimulatedBackend } from "./backend.ts"
import type { Draw } from "./draw.ts"
import { makeReading, type Reading } from "./reading.ts"

/** One client of a simulated backend; it rebases as LiveStore's leader does. */
export interface SimulatedClient {
  readonly open: (memory: "fresh" | "kept") => void
  /** Does one drawn thing: begins an operation, brings one further, fails, crashes, comes back. */
  readonly step: () => void
  /** Whether nothing is under way, and every live pull has everything. */
  readonly isIdle: () => boolean
  /** Ends everything: what is under way is answered, what is lost is discarded or lands. */
  readonly drain: () => void
  readonly pullAll: () => ReadonlyArray<EventEncoded>
}

export interface ClientOptions {
  readonly id: string
  readonly backend: SimulatedBackend
  readonly recorder: Recorder
  readonly draw: Draw
  /** The application refuses its payload. */
  readonly rejected: boolean
  /** How rarely the client is closed or crashes. */
  readonly endsOnceIn: number
}

interface Push {
  readonly op: number
  readonly batch: ReadonlyArray<EventEncoded>
  readonly knows: number
  /** The application refused its client's payload from before it on. */
  readonly barred: boolean
  answer: Answer | undefined
  stuck: boolean
}

const offline = { _tag: "IsOffline", message: "gone" }
const payloadRejected = { _tag: "PayloadRejected", message: "no" }

export const makeClient = (options: ClientOptions): SimulatedClient => {
  const { id, backend, recorder, draw, rejected } = options
  const store = backend.name
  let isOpen = false
  let knows = -1
  let base = 0
  let pending: ReadonlyArray<string> = []
  let marks = 0
  let push: Push | undefined
  let retry: ReadonlyArray<EventEncoded> | undefined
  let mustPull = false
  let reading: Reading | undefined
  let lives: ReadonlyArray<Reading> = []
  let faulty = false
  let [revoked, connected] = [false, false]
  /** Frames that were sent and not answered: each may still arrive. */
  let limbo: ReadonlyArray<Push> = []

  const forget = () => {
    ;[knows, base, retry, mustPull] = [-1, 0, undefined, false]
  }
  const open = (memory: "fresh" | "kept") => {
    recorder.client({ client: id, store, memory, ...(rejected ? { rejected } : {}) })
    if (memory === "fresh") forget()
    ;[isOpen, revoked, connected] = [true, false, false]
  }
  const end = (how: "close" | "crash") => {
    recorder.clientEnd(id, how)
    isOpen = false
    if (push !== undefined) send(push)
    if (how === "close")
      for (const op of [push?.op, reading?.op, ...lives.map((live) => live.op)]) if (op !== undefined) stop(op)
    ;[push, reading, lives] = [undefined, undefined, []]
    mustPull = pending.length > 0
  }
  const stop = (op: number) => {
    recorder.interrupt(op)
    recorder.interrupted(op)
  }
  const seen = (events: ReadonlyArray<EventEncoded>) => {
    if (events.length === 0) return
    const shown = new Set(events.map((event) => (event.args as { mark: string }).mark))
    pending = pending.filter((mark) => !shown.has(mark))
    base = Math.max(base, events.at(-1)!.seqNum)
    knows = backend.identity()
    retry = undefined
  }

  const nextBatch = (): ReadonlyArray<EventEncoded> => {
    if (retry !== undefined) return retry
    if (pending.length === 0 || draw(2) === 0) {
      pending = [...pending, ...Array.from({ length: 1 + draw(4) }, () => `${id}-${++marks}`)]
    }
    let parent = base
    const gap = draw(6) === 0 ? draw(5) : 0
    const batch = pending.map((mark) => {
      const event = eventOf(id, mark, parent, gap)
      parent = event.seqNum
      return event
    })
    const odd = draw(20)
    if (odd === 0) return noteBatch([...batch.slice(0, -1), { ...batch.at(-1)!, name: "gauntlet.reject" }])
    return noteBatch(odd === 1 && batch.length > 1 ? batch.toReversed() : batch)
  }

  const beginPush = () => {
    const batch = nextBatch()
    const op = recorder.invoke({ client: id, store, f: "push", batch })
    push = { op, batch, knows, barred: rejected || revoked, answer: undefined, stuck: false }
  }
  const arrive = (sent: Push): void => {
    sent.answer ??= backend.push(sent.batch, sent.knows, draw(2) === 0)
  }
  const send = (lost: Push) => {
    if (!lost.barred) limbo = [...limbo, lost]
  }
  const lose = () => {
    send(push!)
    // Either the same batch again, or a look at what has become of it.
    if (draw(2) === 0) retry = push!.batch
    else [retry, mustPull] = [undefined, true]
    push = undefined
  }
  const answered = ({ op, batch, answer }: Push) => {
    push = undefined
    retry = undefined
    if (answer!._tag === "ok") {
      recorder.ok(op)
      knows = knows === -1 ? backend.identity() : knows
      const done = new Set(batch.map((event) => (event.args as { mark: string }).mark))
      pending = pending.filter((mark) => !done.has(mark))
      base = Math.max(base, batch.at(-1)!.seqNum)
      return
    }
    recorder.failed(op, answer)
    if (answer!._tag === "BackendIdMismatch") startAfresh()
    else if (answer!._tag === "ServerAhead") mustPull = true
    else pending = []
  }
  /** After a mismatch the client's local data is deleted. */
  const startAfresh = () => {
    end("close")
    open("fresh")
  }

  const stepPush = (sent: Push) => {
    const fate = draw(10)
    if (sent.barred) {
      push = undefined
      recorder.failed(sent.op, payloadRejected)
    } else if (faulty && !sent.stuck && draw(4) === 0) {
      sent.stuck = true
      recorder.stuck({ op: sent.op, afterMs: 5_000, outstanding: [], frames: [] })
    } else if (fate === 0) {
      stop(sent.op)
      lose()
    } else if (fate === 1 || faulty) {
      if (draw(2) === 0) arrive(sent)
      recorder.failed(sent.op, offline)
      lose()
    } else if (sent.answer === undefined) arrive(sent)
    else answered(sent)
  }

  const read = (live: boolean) => {
    const cursor = base === 0 || draw(4) === 0 ? undefined : base
    return makeReading({ id, backend, recorder, draw, live, cursor, knows, rejected: () => rejected || revoked, seen })
  }
  const settleReading = (one: Reading) => {
    const how = one.step(faulty)
    if (how === "open") return
    if (one === reading) reading = undefined
    lives = lives.filter((other) => other !== one)
    if (how === "done") {
      mustPull = false
      knows = knows === -1 ? backend.identity() : knows
    }
    if (how === "foreign") startAfresh()
  }

  const step = () => {
    if (!isOpen) return open(draw(3) === 0 ? "fresh" : "kept")
    if (draw(options.endsOnceIn) === 0) return end(draw(2) === 0 ? "crash" : "close")
    if (draw(150) === 149) {
      revoked = true
      return void recorder.revoked(id)
    }
    const what = draw(24)
    if (what < 2) return toggleFault()
    if (what === 23) return connect()
    if (what === 2 && limbo.length > 0) return land()
    if (what < 5 && lives.length < 2) {
      lives = [...lives, read(true)]
    } else if (what < 9 || mustPull) {
      if (reading === undefined) reading = read(false)
      else settleReading(reading)
    } else if (what < 14 && lives.length > 0) {
      const live = lives[draw(lives.length)]!
      if (draw(12) > 0) return settleReading(live)
      stop(live.op)
      lives = lives.filter((other) => other !== live)
    } else if (push === undefined) beginPush()
    else stepPush(push)
  }
  const toggleFault = () => {
    faulty = !faulty
    recorder.fault({ name: "link reset", phase: faulty ? "on" : "off", client: id })
    if (connected) recorder.status(id, !faulty)
  }
  const connect = () => {
    const op = recorder.invoke({ client: id, store, f: "connect" })
    if (rejected || revoked) return void recorder.failed(op, payloadRejected)
    if (faulty) return void recorder.failed(op, offline)
    connected = true
    recorder.ok(op)
    recorder.status(id, true)
  }
  const land = () => {
    const [first, ...rest] = limbo
    limbo = rest
    arrive(first!)
  }

  return {
    open,
    step,
    isIdle: () =>
      push === undefined && reading === undefined && !backend.isChanging() && lives.every((live) => live.isCaughtUp()),
    drain: () => {
      if (faulty) toggleFault()
      while (limbo.length > 0) {
        if (draw(2) === 0) land()
        else limbo = limbo.slice(1)
      }
      if (!isOpen) return
      for (let n = 0; n < 50 && push !== undefined; n++) stepPush(push)
      for (let n = 0; n < 50 && reading !== undefined; n++) settleReading(reading)
      for (let n = 0; n < 50 && lives.some((live) => !live.isCaughtUp()); n++) {
        for (const live of lives) if (!live.isCaughtUp()) settleReading(live)
      }
      end("close")
      for (; limbo.length > 0; limbo = limbo.slice(1));
    },
    pullAll: () => {
      const all: Array<EventEncoded> = []
      const one = makeReading({
        ...{ id, backend, recorder, draw, rejected: () => false, live: false, cursor: undefined, knows },
        seen: (events) => void all.push(...events),
      })
      while (one.step(false) === "open");
      return all
    },
  }
}

/** An event of one client; the mark is used once, and kept through rebases. */
const eventOf = (client: string, mark: string, parentSeqNum: number, gap: number): EventEncoded => ({
  seqNum: parentSeqNum + 1 + gap,
  parentSeqNum,
  name: "gauntlet.event",
  args: { mark, text: "x" },
  clientId: client,
  sessionId: "session",
})
