import type { AsyncCursor, AsyncPullItem } from "../../contract/async.ts"
import type { EventEncoded } from "../../contract/event.ts"
import type { Json } from "../../contract/json.ts"
import type { ThrownFailure } from "../sync-backend/translate-error.ts"

/*
 * What goes over the socket between the harness's process and a client object: the harness asks, and LiveStore's own
 * client does it there. One object and one socket for each opened client.
 */

/** An event on its way to the object; `unencodable` where its arguments have no JSON. */
export interface SentEvent extends Omit<EventEncoded, "args"> {
  readonly args?: unknown
  readonly unencodable?: true
}

export type ClientCommand =
  /** The first message. */
  | {
      readonly c: "open"
      readonly storeId: string
      readonly clientId: string
      readonly payload?: Json
      readonly memory: ReadonlyArray<readonly [string, string]>
    }
  | { readonly c: "connect" | "ping"; readonly op: number }
  | { readonly c: "push"; readonly op: number; readonly batch: ReadonlyArray<SentEvent> }
  | { readonly c: "pull"; readonly op: number; readonly live: boolean; readonly cursor?: AsyncCursor }
  /** The consumer wants the next item of a pull. */
  | { readonly c: "next" | "abort"; readonly op: number }
  | { readonly c: "close" }

export type ClientEvent =
  | { readonly c: "opened" }
  | { readonly c: "closed" }
  /** An operation succeeded, a pull completed. */
  | { readonly c: "ok"; readonly op: number }
  | { readonly c: "failed"; readonly op: number; readonly error: ThrownFailure }
  | { readonly c: "item"; readonly op: number; readonly item: AsyncPullItem }
  | { readonly c: "connected"; readonly connected: boolean }
  | { readonly c: "memory"; readonly key: string; readonly value: string | null }

/** A batch as it can be sent: arguments that have no JSON are left out and said to have none. */
export const sentBatch = (batch: ReadonlyArray<EventEncoded>): ReadonlyArray<SentEvent> =>
  batch.map((event) => {
    try {
      JSON.stringify(event.args)
      return event
    } catch {
      const { args: _, ...rest } = event
      return { ...rest, unencodable: true }
    }
  })

/** The batch as LiveStore is given it. What has no JSON is a BigInt there, which has none either. */
export const receivedBatch = (batch: ReadonlyArray<SentEvent>): ReadonlyArray<EventEncoded> =>
  batch.map(({ unencodable, ...event }) =>
    unencodable === true ? { ...event, args: { unencodable: 1n } } : event,
  ) as unknown as ReadonlyArray<EventEncoded>
