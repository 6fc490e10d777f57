import { Effect } from "effect"
import type { SyncProvider } from "../../../contract/sync-provider.ts"
import type { Attachment, BackendConnection } from "../../mock/backend/connection.ts"
import type { BackendSeams, RequestContext, StoreContext } from "../../mock/backend/seams.ts"
import { encodeFrame } from "../../mock/codec.ts"
import { reference, type MockSeams } from "../../mock/seams.ts"

/*
 * What the planted bugs of this folder share. They were written from the contract and from a catalogue of bugs of
 * real systems, before their author had seen a check: docs/decisions/0009-blind-mutants.md.
 */

/** Makes a mutant out of a change to the client's members; `change` is called once for each client. */
export const wrapping =
  (change: (provider: SyncProvider, fire: () => void) => Partial<SyncProvider>) =>
  (fire: () => void): Partial<MockSeams> => ({
    client: { wrap: ({ provider }) => Effect.sync(() => ({ ...provider, ...change(provider, fire) })) },
  })

/** Tells the clients of one store by name; connections of one client have the same. */
export const nameOf = ({ storeId, clientId }: { readonly storeId: string; readonly clientId: string }): string =>
  `${storeId}\n${clientId}`

/** How many live pulls are registered on a connection. */
export const subscriptionsOf = ({ attachment }: BackendConnection): number => attachment?.subscriptions.length ?? 0

/** The connections of a store on which live pulls are registered. */
export const subscribed = ({ peers }: StoreContext): ReadonlyArray<BackendConnection> =>
  peers().filter((peer) => subscriptionsOf(peer) > 0)

/** The connection whose request a seam serves, where the backend handed it over. */
export const pusherOf = (context: StoreContext): BackendConnection | undefined =>
  "connection" in context ? (context as RequestContext).connection : undefined

/** Whether a log has an event at this position; 0 is the root. */
export const hasPosition = ({ storage, storeId }: StoreContext, seqNum: number): boolean =>
  seqNum === 0 || storage.data(storeId).rows.some((row) => row.seqNum === seqNum)

/**
 * A backend that says a head to those alone whom it chose to tell: its pongs repeat what was announced on that
 * connection, and nothing else makes up for an announcement that was not made.
 */
export const announcer = (): {
  readonly announce: (peers: ReadonlyArray<BackendConnection>, head: number) => Effect.Effect<void>
  readonly pong: BackendSeams["pong"]
} => {
  const told = new WeakMap<Attachment, number>()
  return {
    announce: (peers, head) =>
      Effect.sync(() => {
        for (const peer of peers) {
          if (peer.attachment !== undefined) told.set(peer.attachment, head)
          peer.send(encodeFrame({ t: "poke", head }))
        }
      }),
    pong: (call) => {
      const frame = reference.backend.pong(call)
      if (call.attachment === undefined || frame.head === undefined) return frame
      const { head: _, ...rest } = frame
      const head = told.get(call.attachment)
      return head === undefined ? rest : { ...rest, head }
    },
  }
}
