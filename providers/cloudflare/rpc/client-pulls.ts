import { Effect, Option, Stream } from "effect"
import type { PullError } from "../../../contract/errors.ts"
import type { Cursor, PullItem } from "../../../contract/event.ts"
import type { SyncProvider } from "../../../contract/sync-provider.ts"
import type { ClientRows, PullRow } from "./client-rows.ts"
import type { ControlEvent, CursorText, ItemText } from "./control-wire.ts"

/** The pulls of one client in its object: each gives an item when its consumer asks for one. */
export interface ClientPulls {
  /** A pull from this row on, as an effect that ends as the pull does. */
  readonly run: (row: PullRow, restored: boolean) => Effect.Effect<void, PullError>
  /** The consumer wants the next item; false when no such pull is under way. */
  readonly next: (op: number) => boolean
  readonly anyLive: () => boolean
}

interface Pulling {
  row: PullRow
  /** Lets the pull go on to its next item. */
  goOn: (() => void) | undefined
  /** Whether it has a row. */
  kept: boolean
}

/**
 * Where a pull stands lies in storage whenever its consumer, or the backend, may take long: the object may sleep
 * meanwhile, and another life of it goes on from there.
 */
export const clientPulls = (parts: {
  readonly id: string
  readonly client: SyncProvider
  readonly rows: ClientRows
  readonly send: (event: ControlEvent) => void
}): ClientPulls => {
  const { id, client, rows } = parts
  const pulling = new Map<number, Pulling>()

  const keep = (pull: Pulling, change: Partial<PullRow>, mayTakeLong: boolean): void => {
    pull.row = { ...pull.row, ...change }
    if (!pull.row.live && !mayTakeLong) return
    pull.kept = true
    rows.keepPull(id, pull.row)
  }

  const untilWanted = (pull: Pulling): Effect.Effect<void> =>
    Effect.callback((resume) => {
      if (pull.row.waits) return resume(Effect.void)
      pull.goOn = () => resume(Effect.void)
    })

  const give = Effect.fnUntraced(function* (pull: Pulling, item: PullItem) {
    yield* untilWanted(pull)
    const { row } = pull
    // Written behind the item, so that it does not wait for the storage: what is given twice is noticed by its cursor.
    parts.send({ c: "item", op: row.op, item: itemText(item) })
    const caughtUp = item.pageInfo._tag === "NoMore"
    const last = item.events.at(-1)
    const cursor = last === undefined ? row.cursor : cursorText(last)
    keep(pull, { cursor, caughtUp, waits: false }, !caughtUp)
  })

  return {
    run: (row, restored) =>
      Effect.suspend(() => {
        const pull: Pulling = { row, goOn: undefined, kept: restored }
        let first = restored && row.caughtUp
        pulling.set(row.op, pull)
        const given = Stream.runForEach(client.pull(cursorOf(row.cursor), { live: row.live }), (item) => {
          // A look that found nothing new is nobody's business.
          const nothing = first && item.events.length === 0 && item.pageInfo._tag === "NoMore"
          first = false
          return nothing ? Effect.void : Effect.andThen(give(pull, item), untilWanted(pull))
        })
        return Effect.ensuring(
          given,
          Effect.sync(() => {
            pulling.delete(row.op)
            if (pull.kept) rows.endPull(id, row.op)
          }),
        )
      }),
    next: (op) => {
      const pull = pulling.get(op)
      if (pull === undefined) return false
      keep(pull, { waits: true }, false)
      pull.goOn?.()
      pull.goOn = undefined
      return true
    },
    anyLive: () => [...pulling.values()].some(({ row }) => row.live),
  }
}

const cursorOf = (text: CursorText | null): Option.Option<Cursor> =>
  text === null
    ? Option.none()
    : Option.some({
        eventSequenceNumber: text.seqNum,
        metadata: "metadata" in text ? Option.some(text.metadata) : Option.none(),
      })

const cursorText = ({ event, metadata }: PullItem["events"][number]): CursorText =>
  Option.isNone(metadata) ? { seqNum: event.seqNum } : { seqNum: event.seqNum, metadata: metadata.value }

const itemText = ({ events, pageInfo }: PullItem): ItemText => ({
  events: events.map(({ event, metadata }) =>
    Option.isNone(metadata) ? { event } : { event, metadata: metadata.value },
  ),
  pageInfo,
})
