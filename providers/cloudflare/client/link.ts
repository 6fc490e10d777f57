import type { Effect } from "effect"
import type { PayloadRejected } from "../../../contract/errors.ts"
import type { BackendMessage, Framed } from "../wire.ts"
import type { ClientOptions } from "./options.ts"

/** Answers to requests. */
export type Answer = Framed<Extract<BackendMessage, { readonly t: "pushed" | "page" | "checked" | "refused" }>>

/** Why a connection ended, or never came to be. */
export type LinkEnd =
  | { readonly _tag: "Lost"; readonly message: string; readonly retryAfterMs?: number }
  | { readonly _tag: "Rejected"; readonly error: PayloadRejected }
  | { readonly _tag: "Unsupported"; readonly message: string }

/** What the backend said last about its log. */
export interface Hint {
  readonly backendId: string
  readonly head: number
  /** The `traceparent` of what moved the head, where it was told. */
  readonly trace?: string
}

/** One connection that the backend has welcomed, as its dialer needs it. */
export interface KeptLink {
  /** How many live pulls there are. */
  readonly watch: (live: number) => void
  /** Gives the connection up. */
  readonly drop: (message: string) => void
  /** Says goodbye; ends once the socket is closed, within 0.5 s. */
  readonly close: Effect.Effect<void>
  /** Whether the backend did anything beyond its welcome. */
  readonly proven: () => boolean
}

/** A connection that carries this protocol's frames. */
export interface Link extends KeptLink {
  /** Sends the frames of one request; calls back once, with the end when the connection ended first. */
  readonly ask: (frames: (id: number) => ReadonlyArray<string>, settle: (answer: Answer | LinkEnd) => void) => Asked
}

/** A request on its way. */
export interface Asked {
  /** Forgets it; with `tell` the backend is told to forget it too. */
  readonly cancel: (tell: boolean) => void
}

export interface LinkArgs<L extends KeptLink = Link> {
  readonly url: string
  /** The first frame. */
  readonly hello: string
  readonly options: ClientOptions
  readonly onWelcome: (link: L, hint: Hint) => void
  readonly onHint: (hint: Hint) => void
  /** Called once, whatever came before. */
  readonly onEnd: (end: LinkEnd) => void
}

/** Dials: begins one attempt to connect. The result gives up, also before the welcome. */
export type Dial<L extends KeptLink = Link> = (args: LinkArgs<L>) => { readonly drop: (message: string) => void }
