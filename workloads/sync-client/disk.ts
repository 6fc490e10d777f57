import { Option } from "effect"
import type { Cursor, EventEncoded } from "../../contract/event.ts"
import { sameEvent } from "./same-event.ts"

/** What of a client outlives its process: log and state, what is pending, the cursor. */
export interface DiskImage<State> {
  /** Upstream events that were applied, in order. */
  readonly log: ReadonlyArray<EventEncoded>
  /** What the application made of the log. */
  readonly state: State
  readonly pending: ReadonlyArray<EventEncoded>
  readonly cursor: Option.Option<Cursor>
  /** Marks of all that was ever committed here. */
  readonly committed: ReadonlyArray<string>
}

/** The disk as one process sees it. Each write is a transaction; after `unmount` nothing is written any more. */
export interface MountedDisk<State> {
  readonly image: DiskImage<State>
  /** The position of the last event of the log. */
  readonly head: number
  /** Adds events of a session to what is pending. */
  readonly commit: (events: ReadonlyArray<EventEncoded>) => void
  /** Adds an upstream event with the state behind it; a pending event that it confirms is pending no more. */
  readonly append: (event: EventEncoded, state: State) => void
  readonly setPending: (pending: ReadonlyArray<EventEncoded>) => void
  readonly saveCursor: (cursor: Option.Option<Cursor>) => void
  /** Deletes everything. */
  readonly erase: () => void
}

/** The disk of one client. One process at a time has it mounted. */
export interface ClientDisk<State> {
  readonly image: DiskImage<State>
  readonly mount: () => MountedDisk<State>
  /** The process is dead: whatever it still does reaches the disk no more. */
  readonly unmount: () => void
  readonly erase: () => void
}

interface Contents<State> {
  log: Array<EventEncoded>
  state: State
  pending: ReadonlyArray<EventEncoded>
  cursor: Option.Option<Cursor>
  committed: Array<string>
}

const markOf = (event: EventEncoded): ReadonlyArray<string> => {
  const mark: unknown = (event.args as { readonly mark?: unknown } | undefined)?.mark
  return typeof mark === "string" ? [mark] : []
}

/** Makes the empty disk of a client whose application begins with this state. */
export const makeDisk = <State>(initial: State): ClientDisk<State> => {
  const empty = (): Contents<State> => ({ log: [], state: initial, pending: [], cursor: Option.none(), committed: [] })
  let contents = empty()
  let mounted = 0

  const mount = (): MountedDisk<State> => {
    const mine = ++mounted
    const write =
      <A extends ReadonlyArray<unknown>>(change: (...args: A) => void) =>
      (...args: A): void => {
        if (mine === mounted) change(...args)
      }
    return {
      get image() {
        return contents
      },
      get head() {
        return contents.log.at(-1)?.seqNum ?? 0
      },
      commit: write((events: ReadonlyArray<EventEncoded>) => {
        contents.pending = [...contents.pending, ...events]
        contents.committed.push(...events.flatMap(markOf))
      }),
      append: write((event: EventEncoded, state: State) => {
        const first = contents.pending[0]
        contents.log.push(event)
        contents.state = state
        if (first !== undefined && sameEvent(first, event)) contents.pending = contents.pending.slice(1)
      }),
      setPending: write((pending: ReadonlyArray<EventEncoded>) => void (contents.pending = pending)),
      saveCursor: write((cursor: Option.Option<Cursor>) => void (contents.cursor = cursor)),
      erase: write(() => void (contents = empty())),
    }
  }

  return {
    get image() {
      return contents
    },
    mount,
    unmount: () => void (mounted += 1),
    erase: () => void (contents = empty()),
  }
}
