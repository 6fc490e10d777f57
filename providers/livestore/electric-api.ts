import { ApiSchema, makeElectricUrl, toTableName } from "@livestore/sync-electric"
import { Schema } from "effect"
import type { EventEncoded } from "../../contract/event.ts"

/*
 * What LiveStore's package gives to an application that puts an endpoint before Electric, and nothing else: names and
 * shapes are translated, failures are thrown as they come.
 */

/** A pull as the endpoint sees it. */
export interface PullRequest {
  /** Electric's address of the store's shape, with the secret. */
  readonly url: string
  readonly storeId: string
  /** Whether the table may not exist yet. */
  readonly needsInit: boolean
  readonly live: boolean
  /** What the client hands over; absent where it hands over nothing. */
  readonly payload?: unknown
}

/** Reads a pull's search parameters. Throws for what is none. */
export const readPull = (
  searchParams: URLSearchParams,
  electric: { readonly url: string; readonly secret: string | undefined },
): PullRequest => {
  const { url, storeId, needsInit, payload } = makeElectricUrl({
    electricHost: electric.url,
    searchParams,
    ...(electric.secret !== undefined && { apiSecret: electric.secret }),
  })
  // The documented function does not say whether a pull is live; its arguments do.
  const { live } = Schema.decodeUnknownSync(ApiSchema.ArgsSchema)(searchParams.get("args"))
  return { url, storeId, needsInit, live, ...(payload !== undefined && { payload }) }
}

/** A push as the endpoint sees it. */
export interface PushRequest {
  readonly storeId: string
  readonly batch: ReadonlyArray<EventEncoded>
}

/** Reads a push's body. Throws for what is none. */
export const readPush = (body: unknown): PushRequest => {
  const { storeId, batch } = Schema.decodeUnknownSync(ApiSchema.PushPayload)(body)
  return { storeId, batch: batch as ReadonlyArray<EventEncoded> }
}

/** The table in which a store's events lie. */
export const tableOf = (storeId: string): string => toTableName(storeId)
