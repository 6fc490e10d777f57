import { Effect } from "effect"
import type { SyncClientSeams } from "../../providers/sync-client-seams.ts"
import { rebased } from "./rebase.ts"

/** The sync client as it should be. */
export const referenceSyncClientSeams: SyncClientSeams = {
  rebase: rebased,
  takeOver: (apply, saveCursor) => Effect.andThen(apply, saveCursor),
  isKnown: (event, head) => event.seqNum <= head,
  skipsFailed: () => false,
  audience: (sessions) => sessions,
  forward: (events) => events,
  // Until a pulled item interrupts it.
  afterAhead: Effect.never,
  retriesPull: (ending) => ending === "IsOffline",
  erases: () => true,
}
