import type { Limits } from "./configuration.ts"
import type { Shapes } from "./shapes.ts"

/** What an answer needs to know of the server. */
export interface Server {
  readonly shapes: Shapes
  readonly limits: Limits
  readonly lastLsn: () => number
}

/** The message that nothing follows now. */
export const upToDate = (server: Server): string =>
  `{"headers":{"control":"up-to-date","global_last_seen_lsn":"${server.lastLsn()}"}}`
