import { Effect } from "effect"
import { bringing, type SyncClientSeams } from "../sync-client-seams.ts"
import type { Mutant } from "./mutant.ts"

/** The mock's clients bring this bug to every sync client that uses them. */
const inSyncClient =
  (change: (fire: () => void) => Partial<SyncClientSeams>): Mutant["make"] =>
  (fire) => {
    const changed = change(fire)
    return { client: { wrap: ({ provider }) => Effect.sync(() => bringing(provider, changed)) } }
  }

/** Saves the cursor before what is behind it is applied. */
const savesFirst = inSyncClient((fire) => ({
  takeOver: (apply, saveCursor) => {
    fire()
    return Effect.andThen(saveCursor, apply)
  },
}))

/** Planted bugs of the harness's own sync client. */
export const convergeClientMutants: ReadonlyArray<Mutant> = [
  {
    id: "converge/writers#drops-pending",
    clause: "converge/writers",
    check: "converge/writers",
    title: "a client drops what is pending where it had to rebase it",
    source: "L04",
    seam: "sync-client.rebase",
    anomaly: "diverged",
    make: inSyncClient((fire) => ({
      rebase: () => {
        fire()
        return []
      },
    })),
  },
  {
    id: "converge/writers#new-marks",
    clause: "converge/writers",
    check: "converge/writers",
    title: "a client makes new events of those that it rebases",
    source: "contract",
    seam: "sync-client.rebase",
    anomaly: "diverged",
    make: inSyncClient((fire) => ({
      rebase: (pending, parent) => {
        fire()
        return pending.map((event, n) => ({
          ...event,
          args: { mark: `${event.clientId}-again-${parent}-${n}` },
          seqNum: parent + n + 1,
          parentSeqNum: parent + n,
        }))
      },
    })),
  },
  {
    id: "converge/under-faults#keeps-old-life",
    clause: "converge/under-faults",
    check: "converge/under-faults#wiped",
    title: "a client keeps what it has when the backend begins another life",
    source: "F12",
    seam: "sync-client.erases",
    anomaly: "identity-adopted",
    make: inSyncClient((fire) => ({
      erases: () => {
        fire()
        return false
      },
    })),
  },
  {
    id: "converge/under-faults#gives-up-offline",
    clause: "converge/under-faults",
    check: "converge/under-faults#refused",
    title: "a client whose live pull ends because it is offline does not open it again",
    source: "K07",
    seam: "sync-client.retriesPull",
    anomaly: "diverged",
    make: inSyncClient((fire) => ({
      retriesPull: (ending) => {
        if (ending === "IsOffline") fire()
        return false
      },
    })),
  },
  {
    id: "converge/quiet#pushes-again-at-once",
    clause: "converge/quiet",
    check: "converge/quiet#refused",
    title: "a client pushes again without having pulled anything after it was told that the backend is ahead",
    source: "B01",
    seam: "sync-client.afterAhead",
    anomaly: "restless",
    make: inSyncClient((fire) => ({
      afterAhead: Effect.andThen(Effect.sync(fire), Effect.sleep(5)),
    })),
  },
  {
    id: "converge/sessions#tells-origin-only",
    clause: "converge/sessions",
    title: "only the session that committed hears of it from its leader",
    source: "contract",
    seam: "sync-client.audience",
    anomaly: "diverged",
    make: inSyncClient((fire) => ({
      audience: (sessions, origin) => {
        if (sessions.length > 1) fire()
        return [origin]
      },
    })),
  },
  {
    id: "converge/sessions#second-stays-here",
    clause: "converge/sessions",
    title: "what the second session commits does not go on to the backend",
    source: "K05",
    seam: "sync-client.forward",
    anomaly: "diverged",
    make: inSyncClient((fire) => ({
      forward: (events) => {
        const forwarded = events.filter(({ sessionId }) => !sessionId.endsWith("tab2"))
        if (forwarded.length < events.length) fire()
        return forwarded
      },
    })),
  },
  {
    id: "converge/apply-failure#skips",
    clause: "converge/apply-failure",
    title: "an event that cannot be applied is left out, and the client goes on behind it",
    source: "G08",
    seam: "sync-client.skipsFailed",
    anomaly: "cursor-skip",
    make: inSyncClient((fire) => ({
      skipsFailed: () => {
        fire()
        return true
      },
    })),
  },
  {
    id: "converge/apply-failure#cursor-first",
    clause: "converge/apply-failure",
    title: "the cursor is saved before what is behind it is applied",
    source: "L05",
    seam: "sync-client.takeOver",
    anomaly: "cursor-skip",
    make: savesFirst,
  },
  {
    id: "converge/client-crash#cursor-first",
    clause: "converge/client-crash",
    title: "the cursor is saved before what is behind it is applied",
    source: "L05",
    seam: "sync-client.takeOver",
    anomaly: "cursor-skip",
    make: savesFirst,
  },
  {
    id: "converge/client-crash#applies-again",
    clause: "converge/client-crash",
    title: "what was applied before a crash is applied again after it",
    source: "D04",
    seam: "sync-client.isKnown",
    anomaly: "diverged",
    make: inSyncClient((fire) => ({
      isKnown: (event, head) => {
        if (event.seqNum <= head) fire()
        return false
      },
    })),
  },
]
