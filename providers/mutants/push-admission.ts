import { Effect } from "effect"
import { InvalidPush, ServerAhead } from "../../contract/errors.ts"
import { invalidity } from "../mock/backend/admit.ts"
import type { BackendSeams } from "../mock/backend/seams.ts"
import { reference } from "../mock/seams.ts"
import type { Mutant } from "./mutant.ts"

type Admission = Parameters<BackendSeams["admit"]>[0]

const parentOf = ({ events, head }: Admission): number => events[0]?.parentSeqNum ?? head

/** The reference with other limits. */
const admitWithin = (call: Admission, limits: Partial<Admission["context"]["limits"]>) =>
  reference.backend.admit({ ...call, context: { ...call.context, limits: { ...call.context.limits, ...limits } } })

const isNumber = (value: unknown): boolean => typeof value === "number"

/** Planted bugs in how a backend judges a batch against its head. */
export const pushAdmissionMutants: ReadonlyArray<Mutant> = [
  {
    id: "push/stale-parent#accepts",
    clause: "push/stale-parent",
    title: "a batch whose first parent is behind the head is admitted",
    source: "F02",
    seam: "backend.admit",
    anomaly: "stale-parent-accepted",
    make: (fire) => ({
      backend: {
        admit: (call) => {
          if (parentOf(call) >= call.head) return reference.backend.admit(call)
          fire()
          return reference.backend.admit({ ...call, head: parentOf(call) })
        },
      },
    }),
  },
  {
    id: "push/stale-parent#numbers-alone",
    clause: "push/stale-parent",
    title: "any batch above the head is admitted, whatever it says that it follows",
    source: "F04",
    seam: "backend.admit",
    anomaly: "stale-parent-accepted",
    make: (fire) => ({
      backend: {
        admit: (call) => {
          if (parentOf(call) >= call.head || call.events[0]!.seqNum <= call.head) return reference.backend.admit(call)
          fire()
          return Effect.void
        },
      },
    }),
  },
  {
    id: "push/stale-parent#untrue-head",
    clause: "push/stale-parent",
    title: "a refusal names the position after the head",
    source: "F04",
    seam: "backend.admit",
    anomaly: "untrue-head",
    make: (fire) => ({
      backend: {
        admit: (call) =>
          Effect.mapError(reference.backend.admit(call), (error) => {
            if (error._tag !== "ServerAhead") return error
            fire()
            return new ServerAhead({ head: error.head + 1, providedParent: error.providedParent })
          }),
      },
    }),
  },
  {
    id: "push/future-parent#accepts",
    clause: "push/future-parent",
    title: "a batch whose first parent is past the head is admitted",
    source: "F04",
    seam: "backend.admit",
    anomaly: "gap",
    make: (fire) => ({
      backend: {
        admit: (call) => {
          if (parentOf(call) <= call.head) return reference.backend.admit(call)
          fire()
          return reference.backend.admit({ ...call, head: parentOf(call) })
        },
      },
    }),
  },
  {
    id: "push/no-false-ahead#ghost-reservation",
    clause: "push/no-false-ahead",
    check: "push/no-false-ahead",
    title: "a refused batch leaves its numbers reserved, and the next good one meets them",
    source: "F11",
    seam: "backend.admit",
    anomaly: "wrong-refusal",
    make: (fire) => {
      const reserved = new Set<string>()
      return {
        backend: {
          admit: (call) => {
            const { storeId } = call.context
            const ghost = parentOf(call) === call.head && reserved.delete(storeId)
            if (parentOf(call) > call.head) reserved.add(storeId)
            if (!ghost) return reference.backend.admit(call)
            fire()
            return Effect.fail(new ServerAhead({ head: call.head, providedParent: parentOf(call) }))
          },
        },
      }
    },
  },
  {
    id: "push/no-false-ahead#while-reading",
    clause: "push/no-false-ahead",
    check: "push/no-false-ahead#beside-pulls",
    title: "a push that meets a pull in the middle of its reading is told that the head has moved",
    source: "contract",
    seam: "backend.admit",
    anomaly: "wrong-refusal",
    make: (fire) => {
      let reading = 0
      return {
        backend: {
          readPage: (call) =>
            Effect.tap(reference.backend.readPage(call), () => Effect.sync(() => void (reading += 1))),
          pageInfo: (call) =>
            Effect.ensuring(
              reference.backend.pageInfo(call),
              Effect.sync(() => void (reading -= 1)),
            ),
          admit: (call) => {
            if (reading === 0 || parentOf(call) !== call.head) return reference.backend.admit(call)
            fire()
            return Effect.fail(new ServerAhead({ head: call.head, providedParent: call.head }))
          },
        },
      }
    },
  },
  {
    id: "push/broken-chain#first-parent-only",
    clause: "push/broken-chain",
    title: "only the first event's parent is looked at",
    source: "F03",
    seam: "backend.admit",
    anomaly: "corrupted",
    make: (fire) => ({
      backend: {
        admit: (call) => {
          if (invalidity(call.events, call.context.limits) !== undefined) fire()
          return reference.backend.admit({ ...call, events: call.events.slice(0, 1) })
        },
      },
    }),
  },
  {
    id: "push/bad-number#any-number",
    clause: "push/bad-number",
    title: "every number is taken for a position: zero, negative ones, fractions and unsafe ones",
    source: "F03",
    seam: "backend.admit",
    anomaly: "corrupted",
    make: (fire) => ({
      backend: {
        admit: (call) => {
          const chained = call.events.every(
            ({ parentSeqNum }, n) => parentSeqNum === (call.events[n - 1]?.seqNum ?? call.head),
          )
          const bad = call.events.some(({ seqNum }) => !Number.isSafeInteger(seqNum) || seqNum <= 0)
          if (!chained || !bad || !call.events.every(({ seqNum }) => isNumber(seqNum)))
            return reference.backend.admit(call)
          fire()
          return Effect.void
        },
        // The head stays a number on which something can stand.
        setHead: ({ head, events }) =>
          Effect.succeed(Math.max(head, ...events.map(({ seqNum }) => Math.floor(seqNum)))),
      },
    }),
  },
  {
    id: "push/bad-number#wedges",
    clause: "push/bad-number",
    title: "after a bad number the store refuses one good batch",
    source: "N08",
    seam: "backend.admit",
    anomaly: "wrong-refusal",
    make: (fire) => {
      let wedged = false
      return {
        backend: {
          admit: (call) => {
            const bad = call.events.some(({ seqNum }) => !Number.isSafeInteger(seqNum))
            if (wedged && !bad) {
              wedged = false
              fire()
              return Effect.fail(new InvalidPush({ message: "the store is busy" }))
            }
            wedged ||= bad
            return reference.backend.admit(call)
          },
        },
      }
    },
  },
  {
    id: "push/sparse#dense-only",
    clause: "push/sparse",
    check: "push/sparse",
    title: "numbers that jump are refused",
    source: "contract",
    seam: "backend.admit",
    anomaly: "wrong-refusal",
    make: (fire) => ({
      backend: {
        admit: (call) => {
          if (call.events.every(({ seqNum, parentSeqNum }) => seqNum === parentSeqNum + 1))
            return reference.backend.admit(call)
          fire()
          return Effect.fail(new InvalidPush({ message: "numbers must follow one another" }))
        },
      },
    }),
  },
  {
    id: "push/sparse#counts-by-number",
    clause: "push/sparse",
    check: "push/sparse#pages",
    title: "the rest of a pull is counted as the difference of two positions",
    source: "P04",
    seam: "backend.pageInfo",
    anomaly: "page-info-lie",
    make: (fire) => ({
      backend: {
        pageInfo: (call) =>
          Effect.map(reference.backend.pageInfo(call), ({ remaining, until }) => {
            const last = call.read.rows.at(-1)?.seqNum ?? call.after
            if (until - last !== remaining) fire()
            return { remaining: until - last, until }
          }),
      },
    }),
  },
  {
    id: "push/oversize-event#takes-all",
    clause: "push/oversize-event",
    title: "events of any size are stored",
    source: "X01",
    seam: "backend.admit",
    anomaly: "wrong-refusal",
    make: (fire) => ({
      backend: {
        admit: (call) => {
          const admitted = admitWithin(call, { eventBytes: Number.POSITIVE_INFINITY })
          return Effect.tap(admitted, () => Effect.sync(() => invalidity(call.events, call.context.limits) && fire()))
        },
      },
    }),
  },
  {
    id: "push/oversize-event#takes-half",
    clause: "push/oversize-event",
    title: "events of more than half the declared size are refused",
    source: "X01",
    seam: "backend.admit",
    anomaly: "wrong-refusal",
    make: (fire) => ({
      backend: {
        admit: (call) => {
          const admitted = admitWithin(call, { eventBytes: call.context.limits.eventBytes / 2 })
          return Effect.tapError(admitted, () => Effect.sync(fire))
        },
      },
    }),
  },
  {
    id: "push/retry#stores-again",
    clause: "push/retry",
    check: "push/retry",
    title: "a batch that ends at the head is stored once more",
    source: "D03",
    seam: "backend.admit",
    anomaly: "duplicate",
    make: (fire) => ({
      backend: {
        admit: (call) => {
          if (call.events.at(-1)?.seqNum !== call.head) return reference.backend.admit(call)
          fire()
          return Effect.void
        },
      },
    }),
  },
]
