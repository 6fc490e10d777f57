import type { FrameFault } from "../../contract/fault.ts"

/* What the rules of a link say; `policy.ts` says it, the links carry it out. */

/** What happens to a new connection. `silent`: it opens, the backend never hears of it, nothing flows. */
export type ConnectionVerdict =
  | { readonly kind: "pass" }
  | { readonly kind: "refuse" }
  | { readonly kind: "silent" }
  | { readonly kind: "answer"; readonly answer: HttpAnswer }

/** The fault that answers new connections, or requests, with HTTP. */
export type HttpAnswer = Extract<FrameFault, { readonly kind: "http-answer" }>

/** What happens to a classified frame. A held one is kept by handing `hold` what lets it go. */
export type FrameVerdict =
  | { readonly kind: "pass" | "drop" | "duplicate" | "truncate" }
  | { readonly kind: "hold"; readonly hold: (letGo: () => void) => void }
  | { readonly kind: "garbage"; readonly body: string }
  /** Undefined `members`: all stay. `headers` go; only HTTP has some. */
  | { readonly kind: "strip"; readonly members: number | undefined; readonly headers: ReadonlyArray<string> }
  | { readonly kind: "close"; readonly code: number }
  /** Of an HTTP exchange: this answer in place of the backend's. */
  | { readonly kind: "answer"; readonly answer: HttpAnswer }

/** What happens to a chunk: it is swallowed, or the first `keepBytes` of it (then a reset) go on after `delayMs`. */
export type ChunkVerdict =
  | { readonly kind: "swallow" }
  | {
      readonly kind: "go"
      /** Absent: the whole chunk. */
      readonly keepBytes?: number
      readonly delayMs: number
      /** How long later chunks may join this one, in milliseconds. */
      readonly windowMs: number
    }

/** How much of what is due goes out next, and after how long. */
export interface PieceVerdict {
  readonly sizeBytes: number
  readonly waitMs: number
}
