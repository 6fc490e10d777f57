import { Effect } from "effect"
import type { PullItem } from "../../contract/event.ts"
import { LineReader } from "../../providers/mock/codec.ts"
import { reference } from "../../providers/mock/seams.ts"
import { StorageFailure } from "../../providers/mock/storage.ts"
import { onNth, type Mutant } from "../../providers/mutants/mutant.ts"

/* Bugs for the checks of `world-checks.ts`: each shows one anomaly, or shows under one fault, and nothing else. */

/** Takes a chunk for a whole frame: what is left over of it is thrown away. */
class ChunkIsFrame extends LineReader {
  private readonly fire: () => void
  constructor(fire: () => void) {
    super()
    this.fire = fire
  }
  override read(chunk: string): ReturnType<LineReader["read"]> {
    const whole = new LineReader()
    const { lines } = whole.read(chunk)
    if (whole.halfway) this.fire()
    return { lines: lines.filter((line) => line.startsWith("{")), garbage: false }
  }
}

/** Reads the first frame of a chunk and overlooks what came with it. */
class FirstOfChunk extends LineReader {
  private readonly fire: () => void
  constructor(fire: () => void) {
    super()
    this.fire = fire
  }
  override read(chunk: string): ReturnType<LineReader["read"]> {
    const { lines, garbage } = super.read(chunk)
    if (lines.length > 1) this.fire()
    return { lines: lines.slice(0, 1), garbage }
  }
}

/** Gives up a push sooner than a slow link delivers it. */
const impatient: Mutant["make"] = (fire) => ({
  client: {
    deadlineMs: (operation) => {
      if (operation !== "push") return reference.client.deadlineMs(operation)
      fire()
      return 500
    },
  },
})

/** The beginning of a batch that the log has already is cut off, and the rest is taken. */
const cutsOffKnown: Mutant["make"] = (fire) => ({
  backend: {
    admit: (call) => {
      const rest = call.events.filter(({ seqNum }) => seqNum > call.head)
      if (rest.length === call.events.length || rest.length === 0) return reference.backend.admit(call)
      fire()
      return reference.backend.admit({ ...call, events: rest })
    },
    append: (call) => {
      const { head } = call.context.storage.data(call.context.storeId)
      return reference.backend.append({ ...call, events: call.events.filter(({ seqNum }) => seqNum > head) })
    },
  },
})

/** Changes what client b's pulls deliver. */
const forB =
  (change: (item: PullItem, fire: () => void) => PullItem) =>
  (fire: () => void): ReturnType<Mutant["make"]> => ({
    client: {
      deliver: ({ item, live, client }) =>
        live || client.clientId !== "b" || item.events.length === 0 ? [item] : [change(item, fire)],
    },
  })

const inventsAnEvent = forB((item, fire) => {
  const last = item.events.at(-1)!
  const { seqNum } = last.event
  fire()
  const invented = { ...last.event, seqNum: seqNum + 1, parentSeqNum: seqNum, args: { invented: true } }
  return { ...item, events: [...item.events, { ...last, event: invented }] }
})

const swapsTwo = forB((item, fire) => {
  const [first, second, third, ...rest] = item.events
  if (third === undefined) return item
  fire()
  return { ...item, events: [first!, third, second!, ...rest] }
})

const base = { source: "contract" } as const
const over = { ...base, clause: "push/definite-when-healthy", anomaly: "wrong-refusal" } as const

/** Bugs that only the small checks of a test world show alone. */
export const worldMutants: ReadonlyArray<Mutant> = [
  {
    ...over,
    id: "world#chunk-is-frame",
    check: "push/definite-when-healthy#world-split",
    title: "a chunk is taken for a whole frame",
    seam: "client.reader",
    make: (fire) => ({ client: { reader: () => new ChunkIsFrame(fire) } }),
  },
  {
    ...over,
    id: "world#first-of-chunk",
    check: "push/definite-when-healthy#world-coalesce",
    title: "of a chunk with several frames the first is read",
    seam: "client.reader",
    make: (fire) => ({ client: { reader: () => new FirstOfChunk(fire) } }),
  },
  ...["delay", "throttle"].map((fault): Mutant => ({
    ...over,
    id: `world#impatient-${fault}`,
    check: `push/definite-when-healthy#world-${fault}`,
    title: "a push is given up after half a second",
    seam: "client.deadlineMs",
    make: impatient,
  })),
  {
    ...base,
    id: "world#doubled-answer",
    clause: "race/same-parent",
    check: "race/same-parent#world-doubled-answer",
    title: "the second copy of an answer is taken for the next request's",
    seam: "client.decodeDown",
    anomaly: "double-winner",
    make: (fire) => {
      let before = ""
      return {
        client: {
          decodeDown: (line) => {
            const frame = reference.client.decodeDown(line)
            const again = line === before && frame?.t === "acked"
            before = line
            if (!again) return frame
            fire()
            return { ...frame, id: frame.id + 1 }
          },
        },
      }
    },
  },
  {
    ...base,
    id: "world#half-and-failed",
    clause: "push/atomic",
    check: "push/atomic#world-one-batch",
    title: "half of a batch is stored when its push fails",
    seam: "backend.append",
    anomaly: "torn-batch",
    make: (fire) => ({
      backend: {
        append: (call) => {
          const half = call.events.slice(0, call.events.length / 2)
          fire()
          return Effect.andThen(
            reference.backend.append({ ...call, events: half, head: half.at(-1)!.seqNum }),
            Effect.fail(new StorageFailure("the second half was not written")),
          )
        },
      },
    }),
  },
  {
    ...base,
    id: "world#invents",
    clause: "pull/monotonic",
    check: "pull/monotonic#world-three-pulls",
    title: "a pull ends with an event that nobody pushed",
    seam: "client.deliver",
    anomaly: "phantom",
    make: inventsAnEvent,
  },
  {
    ...base,
    id: "world#swaps",
    clause: "pull/monotonic",
    check: "pull/monotonic#world-three-pulls",
    title: "a pull gives two events the wrong way round",
    seam: "client.deliver",
    anomaly: "reordered",
    make: swapsTwo,
  },
  {
    ...base,
    id: "world#shrinks",
    clause: "pull/monotonic",
    check: "pull/monotonic#world-three-pulls",
    title: "a client's second pull gives nothing",
    seam: "client.deliver",
    anomaly: "non-monotonic",
    make: (fire) => {
      const second = onNth(2)
      return forB((item, fired) => {
        if (!second()) return item
        fired()
        return { ...item, events: [] }
      })(fire)
    },
  },
  {
    ...base,
    id: "world#cuts-off-known-of-two",
    clause: "race/same-parent",
    check: "race/same-parent#world-overlap",
    title: "of two batches on one parent the second is taken without what the first brought",
    seam: "backend.admit",
    anomaly: "double-winner",
    make: cutsOffKnown,
  },
  {
    ...base,
    id: "world#cuts-off-known-of-old",
    clause: "push/stale-parent",
    check: "push/stale-parent#world-overlap",
    title: "a batch on an old parent is taken without what is known already",
    seam: "backend.admit",
    anomaly: "stale-parent-accepted",
    make: cutsOffKnown,
  },
]
