import { Effect } from "effect"
import type { BackendSeams } from "../mock/backend/seams.ts"
import { statement } from "../mock/backend/statement.ts"
import { reference } from "../mock/seams.ts"
import { rootDigest, storedBatch } from "../mock/stored-event.ts"
import { onNth, type Mutant } from "./mutant.ts"

type Append = Parameters<BackendSeams["append"]>[0]

/** Writes a part of a batch, as if it were all of it. */
const writePart = ({ context, backendId, events }: Append, from: number, to: number) =>
  statement(context, () => {
    const { storage, storeId } = context
    const part = events.slice(from, to)
    const digest = storage.read(storeId).rows.at(-1)?.digest ?? rootDigest
    const head = part.at(-1)?.seqNum ?? storage.read(storeId).head
    const written = storage.write(storeId, backendId, { rows: storedBatch(part, digest), head })
    if (written) storage.flush(storeId)
    return written
  })

/** Lets everything else run for a while. A process that was killed meanwhile, and its connections with it, goes no further. */
const aWhile = ({ context }: Append): Effect.Effect<void> =>
  Effect.andThen(
    Effect.forEach(Array.from({ length: 40 }), () => Effect.yieldNow, { discard: true }),
    Effect.suspend(() => (context.connection.isOpen ? Effect.void : Effect.interrupt)),
  )

/** Writes a batch in two parts with `between` in the middle. */
const inTwoParts = (call: Append, fire: () => void, between: Effect.Effect<void>) => {
  const half = Math.floor(call.events.length / 2)
  if (half === 0) return reference.backend.append(call)
  fire()
  return Effect.gen(function* () {
    if (!(yield* writePart(call, 0, half))) return false
    yield* between
    return yield* writePart(call, half, call.events.length)
  })
}

/** Says that a batch of so many events or more is stored, and stores it a moment later if the process still runs. */
export const writesBehind =
  (fire: () => void, atLeast: number): BackendSeams["append"] =>
  (call) =>
    Effect.suspend(() => {
      if (call.events.length < atLeast) return reference.backend.append(call)
      fire()
      const write = Effect.suspend(() =>
        call.context.connection.isOpen ? Effect.ignore(reference.backend.append(call)) : Effect.void,
      )
      return Effect.as(Effect.forkDetach(Effect.andThen(Effect.sleep(5), write)), true)
    })

/** Planted bugs in how a backend stores what it has admitted. */
export const pushStoringMutants: ReadonlyArray<Mutant> = [
  {
    id: "push/one#altered",
    clause: "push/one",
    title: "the event is stored under another name",
    source: "contract",
    seam: "backend.append",
    anomaly: "corrupted",
    make: (fire) => ({
      backend: {
        append: (call) => {
          fire()
          return reference.backend.append({
            ...call,
            events: call.events.map((event) => ({ ...event, name: `${event.name}.stored` })),
          })
        },
      },
    }),
  },
  {
    id: "push/sequential#forgets-second",
    clause: "push/sequential",
    title: "the second batch is acknowledged and never stored",
    source: "L01",
    seam: "backend.append",
    anomaly: "lost-ack",
    make: (fire) => {
      const second = onNth(2)
      return {
        backend: {
          append: (call) => {
            if (!second()) return reference.backend.append(call)
            fire()
            return Effect.succeed(true)
          },
        },
      }
    },
  },
  {
    id: "push/sequential#turned-round",
    clause: "push/sequential",
    title: "a batch of four is stored in reverse order",
    source: "R05",
    seam: "backend.append",
    anomaly: "reordered",
    make: (fire) => ({
      backend: {
        append: (call) => {
          if (call.events.length !== 4) return reference.backend.append(call)
          fire()
          return reference.backend.append({ ...call, events: call.events.toReversed() })
        },
      },
    }),
  },
  ...[
    { check: "push/batch", size: 97 },
    { check: "push/batch#edges", size: 33 },
  ].map(({ check, size }): Mutant => ({
    id: `push/batch#drops-last-of-${size}`,
    clause: "push/batch",
    check,
    title: `of a batch of ${size} the last event is dropped`,
    source: "X02",
    seam: "backend.append",
    anomaly: "torn-batch",
    make: (fire) => ({
      backend: {
        append: (call) => {
          if (call.events.length !== size) return reference.backend.append(call)
          fire()
          return writePart(call, 0, size - 1)
        },
      },
    }),
  })),
  {
    id: "push/over-limit#in-parts",
    clause: "push/over-limit",
    check: "push/over-limit#against-others",
    title: "a batch over the limit is stored in parts, and others are let in between them",
    source: "R03",
    seam: "backend.append",
    anomaly: "torn-batch",
    make: (fire) => ({
      backend: {
        exclusive: (_, admission) => admission,
        admit: (call) =>
          reference.backend.admit({ ...call, events: call.events.slice(0, call.context.limits.batchEvents) }),
        append: (call) => {
          const { batchEvents } = call.context.limits
          if (call.events.length <= batchEvents) return reference.backend.append(call)
          fire()
          return Effect.gen(function* () {
            for (let from = 0; from < call.events.length; from += batchEvents) {
              const { head } = yield* statement(call.context, () => call.context.storage.read(call.context.storeId))
              if (head !== call.events[from]!.parentSeqNum) return true
              yield* writePart(call, from, from + batchEvents)
              yield* reference.backend.publish({
                context: call.context,
                head: call.events[from + batchEvents - 1]!.seqNum,
              })
              yield* Effect.sleep(20)
            }
            return true
          })
        },
      },
    }),
  },
  {
    id: "push/atomic#two-statements",
    clause: "push/atomic",
    check: "push/atomic",
    title: "a batch is stored by two statements without a transaction",
    source: "L05",
    seam: "backend.append",
    anomaly: "torn-batch",
    make: (fire) => ({ backend: { append: (call) => inTwoParts(call, fire, Effect.void) } }),
  },
  {
    id: "push/atomic#killed-between",
    clause: "push/atomic",
    check: "push/atomic#kill",
    title: "a batch is stored in two steps with a while in between",
    source: "L05",
    seam: "backend.append",
    anomaly: "torn-batch",
    make: (fire) => ({ backend: { append: (call) => inTwoParts(call, fire, aWhile(call)) } }),
  },
  {
    id: "push/atomic#others-between",
    clause: "push/atomic",
    check: "push/atomic#conflict",
    title: "a batch is stored in two steps, and others are let in between them",
    source: "R03",
    seam: "backend.append",
    anomaly: "fork",
    make: (fire) => ({
      backend: {
        exclusive: (_, admission) => admission,
        append: (call) => {
          const half = call.events[Math.floor(call.events.length / 2) - 1]?.seqNum ?? 0
          const shown = reference.backend.publish({ context: call.context, head: half })
          return inTwoParts(call, fire, Effect.andThen(shown, Effect.sleep(20)))
        },
      },
    }),
  },
  {
    id: "push/retry#both-stored",
    clause: "push/retry",
    check: "push/retry#at-once",
    title: "the same batch under way twice is stored twice: check and append are apart",
    source: "F02",
    seam: "backend.exclusive",
    anomaly: "duplicate",
    make: (fire) => ({
      backend: {
        exclusive: (_, admission) => {
          fire()
          return admission
        },
      },
    }),
  },
  {
    id: "push/durable#writes-behind",
    clause: "push/durable",
    check: "push/durable",
    title: "a batch is acknowledged first and written a moment later",
    source: "L01",
    seam: "backend.append",
    anomaly: "lost-ack",
    make: (fire) => ({ backend: { append: writesBehind(fire, 1) } }),
  },
]
