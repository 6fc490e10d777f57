import type { Limits } from "../../../contract/capabilities.ts"
import type { MockStorage } from "../storage.ts"
import type { Application } from "./application.ts"
import type { Incarnation } from "./incarnation.ts"
import type { BackendSeams } from "./seams.ts"

/** What all incarnations of one backend share, and what outlives them. */
export interface BackendParts {
  readonly seams: BackendSeams
  readonly storage: MockStorage
  readonly app: Application
  readonly limits: Limits
  readonly log: (line: string) => void
  readonly nextConnection: () => number
  /** Whether no run of the backend has begun after this one. */
  readonly isLatest: (incarnation: Incarnation) => boolean
  /** Names the next incarnation of a store's object within a process. */
  readonly nextInstance: (process: string, storeId: string) => string
}
