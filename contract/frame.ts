/** Away from the client is `up`, towards it is `down`. */
export type Direction = "up" | "down"

/** One message on a link: a WebSocket message, half an HTTP exchange, a frame of the mock's protocol. */
export interface Frame {
  readonly direction: Direction
  /** The message, or the body of an exchange: text, or bytes where it is binary or compressed. */
  readonly data: string | Uint8Array
  /** On a link that reads HTTP exchanges: which exchange this is of. */
  readonly http?: HttpFrame
}

/** What the classifier of an HTTP link is told beside the body. */
export interface HttpFrame {
  /** A whole request or answer; or of an answer that is streamed its head (without data) and then each record. */
  readonly part: "whole" | "head" | "record"
  /** Of the request, also in its answer: "POST" and "/sync/1?live=true". Empty for an answer that nobody asked for. */
  readonly method: string
  readonly path: string
  /** Of an answer. */
  readonly status?: number
  /** A header of this request or answer, by its name in lower case; the first one where it stands several times. */
  readonly header: (name: string) => string | undefined
}

/** What a frame is part of. `connect` is the opening handshake; `other` is everything the contract does not name. */
export type FrameOperation = "connect" | "push" | "pull" | "live" | "ping" | "other"

/**
 * What a frame is for its operation: a `request` asks, an `answer` settles, a `page` carries events, a `poke`
 * announces that there is something to pull, `cancel` ends, `ack` paces, `other` is none of these.
 */
export type FrameRole = "request" | "answer" | "page" | "poke" | "cancel" | "ack" | "other"

export interface FrameClass {
  readonly operation: FrameOperation
  readonly role: FrameRole
  /** Joins an answer with its request on one connection, where the protocol has such a thing. */
  readonly id?: string
}

/** Reads the frames of one connection in order; it may remember requests to name their answers. */
export type FrameClassifier = (frame: Frame) => FrameClass
