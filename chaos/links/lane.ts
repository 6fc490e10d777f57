import type { Direction } from "../../contract/frame.ts"
import type { ArmedFault } from "./armed-fault.ts"
import type { TimersShape } from "../timers.ts"
import type { LinkPolicy } from "./policy.ts"

/** What a lane carries: bytes on a TCP link, text on a virtual one. */
export interface ChunkKind<T> {
  readonly slice: (chunk: T, from: number, to?: number) => T
  readonly join: (parts: ReadonlyArray<T>) => T
}

/** Where a lane ends. */
export interface LaneEnd<T> {
  /** `frames`: how many whole frames end with this piece. */
  readonly deliver: (piece: T, frames: number) => void
  /** The sender has ended, orderly, and everything before that is delivered. */
  readonly end: () => void
  /** The connection is to be reset here, behind what was delivered. */
  readonly break: () => void
}

export interface LaneOptions<T> {
  readonly policy: LinkPolicy
  readonly timers: TimersShape
  readonly chunks: ChunkKind<T>
  readonly connection: number
  readonly direction: Direction
  readonly to: LaneEnd<T>
  /** What no fault touches is delivered within the call; otherwise each delivery is a task of its own. */
  readonly direct: boolean
}

interface BytesItem<T> {
  readonly kind: "bytes"
  parts: Array<T>
  frames: number
  dueMs: number
  /** Until then later chunks join it. */
  sealMs: number
  /** Nothing of it has gone out. */
  fresh: boolean
}
type Item<T> = BytesItem<T> | { readonly kind: "end" | "break"; dueMs: number }

export type Lane<T extends { readonly length: number }> = ReturnType<typeof makeLane<T>>

/**
 * One direction of one connection: first in, first out, at the times that the rules give. At most one timer is
 * set at any time, so a scheduler that reorders timers never reorders a lane.
 */
export const makeLane = <T extends { readonly length: number }>(options: LaneOptions<T>) => {
  const { policy, timers, chunks, direction, to } = options
  const queue: Array<Item<T>> = []
  /** Pieces of one chunk that go out in one task: on a wire each is written for itself. */
  const piecesAtOnce = options.direct ? 1 : 16
  let waitingBytes = 0
  let nth = 0
  let shut = false
  let ended = false
  let gone = false
  let cancel: (() => void) | undefined
  /** The timer that is set waits for a throttled line. */
  let throttled = false

  const idle = () => options.direct && queue.length === 0 && !shut && policy.plain(direction)
  const judge = (sizeBytes: number) => policy.chunk(options.connection, direction, nth++, sizeBytes)
  const later = (ms: number, task: () => void): void => {
    cancel = timers.after(ms, () => {
      cancel = undefined
      task()
    })
  }

  const enqueue = (item: Item<T>): void => {
    queue.push(item)
    pump()
  }

  const pump = (): void => {
    while (cancel === undefined && !shut && !gone && queue[0] !== undefined) {
      const waitMs = Math.max(0, queue[0].dueMs - timers.nowMs())
      if (waitMs > 0 || !options.direct || !policy.plain(direction)) return later(waitMs, due)
      goOut(queue[0], Infinity)
    }
  }

  const due = (): void => {
    const first = queue[0]
    for (let n = 0; n < piecesAtOnce && cancel === undefined && queue[0] === first; n++) {
      if (first === undefined || shut || gone) return
      if (first.kind !== "bytes") {
        goOut(first, 0)
        break
      }
      const { sizeBytes, waitMs } = policy.piece(direction, sizeOf(first), timers.nowMs(), first.fresh)
      first.fresh = false
      if (waitMs > 0) {
        throttled = true
        return later(waitMs, () => {
          throttled = false
          goOut(first, sizeBytes)
          pump()
        })
      }
      goOut(first, sizeBytes)
    }
    pump()
  }

  const goOut = (head: Item<T>, sizeBytes: number): void => {
    if (head.kind !== "bytes") {
      queue.length = 0
      return head.kind === "end" ? to.end() : to.break()
    }
    const whole = chunks.join(head.parts)
    const size = Math.min(sizeBytes, whole.length)
    waitingBytes -= size
    if (size < whole.length) head.parts = [chunks.slice(whole, size)]
    else queue.shift()
    to.deliver(size < whole.length ? chunks.slice(whole, 0, size) : whole, size < whole.length ? 0 : head.frames)
  }

  const push = (chunk: T, frames: number): void => {
    if (ended || gone || chunk.length === 0) return
    if (idle()) return to.deliver(chunk, frames)
    const verdict = judge(chunk.length)
    if (verdict.kind === "swallow") return
    const cut = verdict.keepBytes !== undefined
    const kept = cut ? chunks.slice(chunk, 0, verdict.keepBytes) : chunk
    if (kept.length > 0) append(kept, cut ? 0 : frames, verdict.delayMs, verdict.windowMs)
    if (cut) breakOff()
  }

  const append = (chunk: T, frames: number, delayMs: number, windowMs: number): void => {
    const nowMs = timers.nowMs()
    const last = queue.at(-1)
    waitingBytes += chunk.length
    if (last?.kind === "bytes" && nowMs < last.sealMs) {
      policy.joined(direction, chunk.length)
      last.parts.push(chunk)
      last.frames += frames
      return
    }
    const sealMs = nowMs + windowMs
    enqueue({ kind: "bytes", parts: [chunk], frames, dueMs: sealMs + delayMs, sealMs, fresh: true })
  }

  const end = (): void => {
    if (ended || gone) return
    if (idle()) {
      ended = true
      return to.end()
    }
    const verdict = judge(0)
    ended = true
    if (verdict.kind === "swallow") return
    if (verdict.keepBytes !== undefined) return breakOff()
    enqueue({ kind: "end", dueMs: timers.nowMs() + verdict.delayMs })
  }

  const breakOff = (): void => {
    if (gone) return
    ended = true
    if (idle()) return to.break()
    const silent = policy.swallowing(direction)
    if (silent !== undefined) return policy.bite(silent, `${direction} reset`)
    enqueue({ kind: "break", dueMs: timers.nowMs() })
  }

  /** Takes everything out that waits; gives back how many things that were. */
  const empty = (): number => {
    cancel?.()
    cancel = undefined
    throttled = false
    waitingBytes = 0
    return queue.splice(0).length
  }

  return {
    /** Sends a chunk, the end of `frames` whole frames. */
    push,
    /** The sender ends, orderly; what it sent before arrives first. */
    end,
    /** The connection is reset behind what was sent so far; nothing more is taken. */
    breakOff,
    /** What is on its way, in bytes. */
    waitingBytes: () => waitingBytes,
    /** A half-open fault begins: what is on its way never arrives. */
    lose: (armed: ArmedFault): void => {
      for (let lost = empty(); lost > 0; lost--) policy.bite(armed, `${direction} chunk on its way`)
    },
    /** A fault of time was taken off: what waits goes on at once, in order. */
    hurry: (): void => {
      const nowMs = timers.nowMs()
      for (const item of queue) {
        item.dueMs = Math.min(item.dueMs, nowMs)
        if (item.kind === "bytes") item.sealMs = Math.min(item.sealMs, nowMs)
      }
      if (throttled && policy.throttles(direction)) return
      cancel?.()
      cancel = undefined
      throttled = false
      pump()
    },
    /** Keeps everything back until `reopen`. */
    shut: (): void => void (shut = true),
    reopen: (): void => {
      shut = false
      pump()
    },
    /** The connection is over: nothing more is delivered, no timer stays. */
    close: (): void => {
      gone = true
      empty()
    },
  }
}

const sizeOf = <T extends { readonly length: number }>(item: BytesItem<T>): number =>
  item.parts.reduce((sum, part) => sum + part.length, 0)
