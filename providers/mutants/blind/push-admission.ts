import { Effect } from "effect"
import { InvalidPush, ServerAhead } from "../../../contract/errors.ts"
import { eventSizeBytes } from "../../mock/stored-event.ts"
import type { StoreObject } from "../../mock/backend/store-object.ts"
import { reference } from "../../mock/seams.ts"
import type { WireEvent } from "../../mock/wire.ts"
import type { Mutant } from "../mutant.ts"
import { hasPosition } from "./kit.ts"

const { backend } = reference

/** Admission without a limit of size, for mutants that measure by themselves. */
const unlimited = <A extends { readonly limits: { readonly batchEvents: number; readonly eventBytes: number } }>(
  context: A,
): A => ({ ...context, limits: { ...context.limits, batchEvents: Infinity, eventBytes: Infinity } })

const characters = ({ args = "", ...rest }: WireEvent): number => JSON.stringify(rest).length + args.length

const tooLarge = (event: WireEvent): InvalidPush => new InvalidPush({ message: `event ${event.seqNum} is too large` })

/** Which batches the backend takes. */
export const blindAdmission: ReadonlyArray<Mutant> = [
  {
    id: "push/bad-number#digits-are-a-number",
    clause: "push/bad-number",
    title: 'a seqNum that is text of digits ("7") is taken as the number',
    source: "F03, X01",
    seam: "backend.decodeUp",
    anomaly: "wrong-refusal",
    make: (fire) => {
      const number = (value: unknown): number => {
        if (typeof value !== "string" || !/^\d+$/.test(value)) return value as number
        fire()
        return Number(value)
      }
      return {
        backend: {
          decodeUp: (line) => {
            const frame = backend.decodeUp(line)
            if (frame?.t !== "push") return frame
            const events = frame.events.map((event) => ({
              ...event,
              seqNum: number(event.seqNum),
              parentSeqNum: number(event.parentSeqNum),
            }))
            return { ...frame, events }
          },
        },
      }
    },
  },
  {
    id: "push/bad-number#whole-is-enough",
    clause: "push/bad-number",
    title: "a seqNum above 2^53 - 1 is taken, as it has no fraction",
    source: "G05",
    seam: "backend.admit",
    anomaly: "wrong-refusal",
    make: (fire) => ({
      backend: {
        admit: (call) => {
          const [event] = call.events
          const unsafe = event !== undefined && Number.isInteger(event.seqNum) && !Number.isSafeInteger(event.seqNum)
          if (!unsafe || call.events.length > 1 || event.seqNum < 0 || event.parentSeqNum !== call.head) {
            return backend.admit(call)
          }
          fire()
          return Effect.void
        },
      },
    }),
  },
  {
    id: "push/broken-chain#sixteen-are-judged",
    clause: "push/broken-chain",
    title: "the parents of the first sixteen events of a batch are looked at, and of the others the numbers only",
    source: "F03",
    seam: "backend.admit",
    anomaly: "gap",
    make: (fire) => ({
      backend: {
        admit: (call) => {
          const events = call.events.map((event, index) =>
            index < 16 ? event : { ...event, parentSeqNum: call.events[index - 1]!.seqNum },
          )
          const broken = events.some(({ parentSeqNum }, index) => parentSeqNum !== call.events[index]!.parentSeqNum)
          return Effect.tap(backend.admit({ ...call, events }), () => Effect.sync(() => void (broken && fire())))
        },
      },
    }),
  },
  {
    id: "push/broken-chain#repeats-are-one",
    clause: "push/broken-chain",
    title: "of two events with one seqNum in a batch the first is stored, and the batch acknowledged",
    source: "F03, F09",
    seam: "backend.decodeUp",
    anomaly: "wrong-refusal",
    make: (fire) => ({
      backend: {
        decodeUp: (line) => {
          const frame = backend.decodeUp(line)
          if (frame?.t !== "push") return frame
          const seen = new Set<number>()
          const events = frame.events.filter(({ seqNum }) => !seen.has(seqNum) && seen.add(seqNum))
          if (events.length < frame.events.length) fire()
          return { ...frame, events }
        },
      },
    }),
  },
  {
    id: "push/stale-parent#new-number-on-old-parent",
    clause: "push/stale-parent",
    title: "an event whose number is past the head is taken on any parent that the log has",
    source: "F03, F04",
    seam: "backend.admit",
    anomaly: "stale-parent-accepted",
    make: (fire) => ({
      backend: {
        admit: (call) => {
          const { seqNum = 0, parentSeqNum = 0 } = call.events[0] ?? {}
          const old = parentSeqNum < call.head && seqNum > call.head && hasPosition(call.context, parentSeqNum)
          if (!old) return backend.admit(call)
          return Effect.tap(backend.admit({ ...call, head: parentSeqNum }), () => Effect.sync(fire))
        },
      },
    }),
  },
  {
    id: "push/stale-parent#head-as-last-pulled",
    clause: "push/stale-parent",
    title: "a refusal names the head that a pull was last shown, not the one that stands",
    source: "S02, B01",
    seam: "backend.admit",
    anomaly: "untrue-head",
    make: (fire) => {
      const shown = new WeakMap<StoreObject, number>()
      return {
        backend: {
          readPage: (call) =>
            Effect.tap(backend.readPage(call), ({ end }) =>
              Effect.sync(() => {
                const { storage, storeId, object } = call.context
                shown.set(object, storage.data(storeId).rows[end - 1]?.seqNum ?? 0)
              }),
            ),
          admit: (call) =>
            Effect.catchTag(backend.admit(call), "ServerAhead", (error) => {
              const head = shown.get(call.context.object) ?? error.head
              if (head !== error.head) fire()
              return Effect.fail(new ServerAhead({ head, providedParent: error.providedParent }))
            }),
        },
      }
    },
  },
  {
    id: "push/future-parent#empty-log-takes-any",
    clause: "push/future-parent",
    title: "on an empty log the first batch is taken whatever its parent",
    source: "F03, F07",
    seam: "backend.admit",
    anomaly: "gap",
    make: (fire) => ({
      backend: {
        admit: (call) => {
          const parent = call.events[0]?.parentSeqNum ?? 0
          if (call.head !== 0 || !(parent > 0)) return backend.admit(call)
          return Effect.tap(backend.admit({ ...call, head: parent }), () => Effect.sync(fire))
        },
      },
    }),
  },
  {
    id: "push/atomic#reservation-stays",
    clause: "push/atomic",
    title: "the head that was reserved for a batch stays reserved where the batch could not be written",
    source: "F11",
    seam: "backend.setHead",
    anomaly: "wrong-refusal",
    make: (fire) => {
      const reserved = new WeakMap<StoreObject, number>()
      return {
        backend: {
          setHead: (call) =>
            Effect.tap(backend.setHead(call), (head) => Effect.sync(() => reserved.set(call.context.object, head))),
          append: (call) =>
            Effect.tap(backend.append(call), () => Effect.sync(() => reserved.delete(call.context.object))),
          admit: (call) => {
            const fence = reserved.get(call.context.object) ?? 0
            const providedParent = call.events[0]?.parentSeqNum ?? 0
            if (fence <= call.head || providedParent !== call.head) return backend.admit(call)
            fire()
            return Effect.fail(new ServerAhead({ head: fence, providedParent }))
          },
        },
      }
    },
  },
  {
    id: "push/oversize-event#characters-are-bytes",
    clause: "push/oversize-event",
    title: "the size of an event is counted in characters, so one that is larger in UTF-8 is taken",
    source: "X01",
    seam: "backend.admit",
    anomaly: "wrong-refusal",
    make: (fire) => ({
      backend: {
        admit: (call) => {
          const { eventBytes, batchEvents } = call.context.limits
          const over = call.events.find((event) => characters(event) > eventBytes)
          if (over !== undefined || call.events.length > batchEvents) return backend.admit(call)
          if (call.events.some((event) => eventSizeBytes(event) > eventBytes)) fire()
          return backend.admit({ ...call, context: unlimited(call.context) })
        },
      },
    }),
  },
  {
    id: "push/oversize-event#escaped-twice",
    clause: "push/oversize-event",
    title: "an event is measured as text within text: one full of quotes is refused below the declared size",
    source: "X01, T02",
    seam: "backend.admit",
    anomaly: "wrong-refusal",
    make: (fire) => ({
      backend: {
        admit: (call) => {
          const { eventBytes } = call.context.limits
          const over = call.events.find((event) => Buffer.byteLength(JSON.stringify(event)) > eventBytes)
          if (over === undefined || eventSizeBytes(over) > eventBytes) return backend.admit(call)
          fire()
          return Effect.fail(tooLarge(over))
        },
      },
    }),
  },
  {
    id: "push/over-limit#remainder-dropped",
    clause: "push/over-limit",
    title: "a batch of twice the limit and more is stored in whole hundreds, and what is left over is dropped",
    source: "R03, X02",
    seam: "backend.append",
    anomaly: "torn-batch",
    make: (fire) => {
      const kept = (events: ReadonlyArray<WireEvent>, limit: number): ReadonlyArray<WireEvent> =>
        events.length < 2 * limit ? events : events.slice(0, events.length - (events.length % limit))
      return {
        backend: {
          admit: (call) =>
            call.events.length < 2 * call.context.limits.batchEvents
              ? backend.admit(call)
              : backend.admit({ ...call, context: unlimited(call.context) }),
          setHead: (call) => backend.setHead({ ...call, events: kept(call.events, call.context.limits.batchEvents) }),
          append: (call) => {
            const events = kept(call.events, call.context.limits.batchEvents)
            if (events.length < call.events.length) fire()
            return backend.append({ ...call, events })
          },
        },
      }
    },
  },
  {
    id: "push/sparse#cursor-of-32-bits",
    clause: "push/sparse",
    title: "a cursor is read as a number of 32 bits",
    source: "G05",
    seam: "backend.decodeUp",
    anomaly: "duplicate",
    make: (fire) => ({
      backend: {
        decodeUp: (line) => {
          const frame = backend.decodeUp(line)
          if (frame === undefined || !("after" in frame) || frame.after === undefined || frame.after < 2 ** 32) {
            return frame
          }
          fire()
          return { ...frame, after: frame.after % 2 ** 32 }
        },
      },
    }),
  },
]
