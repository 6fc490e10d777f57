import { Effect } from "effect"
import { IsOffline, PayloadRejected, UnknownError } from "../../../contract/errors.ts"
import { withTrace } from "../tracing.ts"
import { makeBackoff } from "./backoff.ts"
import type { Dial, Hint, KeptLink, Link, LinkEnd } from "./link.ts"
import type { ClientOptions } from "./options.ts"

/** Why there is no connection. */
export type NoLink = IsOffline | PayloadRejected | UnknownError

/** What is heard about the backend's log, and about the connection. */
export interface News {
  readonly hint: Hint | undefined
  /** Counts the changes of the hint. */
  readonly hints: number
  /** Counts the connections so far. */
  readonly connections: number
  /** When the connection was lost, on the client's clock; undefined while there is one. */
  readonly lostAtMs: number | undefined
  /** The application refused the payload: no connection will ever be tried again. */
  readonly rejected: PayloadRejected | undefined
  /** The client was closed: there will be no connection any more. */
  readonly closed: boolean
}

/**
 * Keeps one connection. It is dialled when somebody needs it; while somebody wants to stay connected it is dialled
 * again by itself. Every attempt, whoever asked for it, keeps the pauses of the one back-off: who asks meanwhile
 * waits for the next attempt and shares its outcome.
 */
export interface Dialer<L extends KeptLink = Link> {
  /**
   * Calls back once with a connection, or why there is none after an attempt or `waitMs`. The result gives up. An
   * attempt that is made at once for it carries its `trace`, a `traceparent`; that of `want` too.
   */
  readonly acquire: (waitMs: number, use: (link: L | NoLink) => void, trace?: string) => () => void
  /** Stay connected until the result is called; with `live` as one more live pull. */
  readonly want: (live: boolean, trace?: string) => () => void
  readonly news: () => News
  /** A head that an answer named; live pulls look whether they have it. */
  readonly heard: (hint: Hint) => void
  /** Calls back at each change of the news; the result takes it off. */
  readonly onNews: (listener: () => void) => () => void
  readonly close: Effect.Effect<void>
}

export const makeDialer = <L extends KeptLink = Link>(parts: {
  readonly dial: Dial<L>
  readonly url: () => string
  /** The first frame of each connection; without one no attempt is made. */
  readonly hello: string | PayloadRejected
  readonly options: ClientOptions
  readonly onConnected: (connected: boolean) => void
}): Dialer<L> => {
  const { options } = parts
  const { clock } = options
  const backoff = makeBackoff({ ...options, nowMs: clock.nowMs, random: clock.random })
  const waiters = new Set<(link: L | NoLink) => void>()
  const listeners = new Set<() => void>()
  let link: L | undefined
  let dialling: { readonly drop: (message: string) => void } | undefined
  let cancelAttempt: (() => void) | undefined
  let closed = false
  let wants = 0
  let live = 0
  let hint: Hint | undefined
  let hints = 0
  let connections = 0
  let lostAtMs: number | undefined
  let rejected = parts.hello instanceof PayloadRejected ? parts.hello : undefined

  const tellListeners = (): void => {
    for (const listener of [...listeners]) listener()
  }
  const tellWaiters = (outcome: L | NoLink): void => {
    const all = [...waiters]
    waiters.clear()
    for (const use of all) use(outcome)
  }

  const heard = (next: Hint): void => {
    // Heads of one life only grow; an older one was overtaken on its way. A welcome alone may take it back.
    if (hint !== undefined && hint.backendId === next.backendId && hint.head >= next.head) return
    hint = next
    hints += 1
    tellListeners()
  }

  const setLive = (count: number): void => {
    live = count
    link?.watch(live)
  }

  const attemptWhenDue = (trace?: string): void => {
    if (closed || rejected !== undefined || link !== undefined || dialling !== undefined || cancelAttempt !== undefined)
      return
    if (waiters.size === 0 && wants === 0) return
    const waitMs = backoff.waitMs()
    if (waitMs === 0) return attempt(trace)
    cancelAttempt = clock.after(waitMs, () => {
      cancelAttempt = undefined
      attemptWhenDue()
    })
  }

  const attempt = (trace: string | undefined): void => {
    if (parts.hello instanceof PayloadRejected) return
    dialling = parts.dial({
      url: parts.url(),
      hello: withTrace(parts.hello, trace),
      options,
      onHint: heard,
      onWelcome: (welcomed, { backendId, head }) => {
        dialling = undefined
        hint = { backendId, head }
        hints += 1
        link = welcomed
        connections += 1
        lostAtMs = undefined
        if (live > 0) welcomed.watch(live)
        parts.onConnected(true)
        tellWaiters(welcomed)
        tellListeners()
      },
      onEnd: (end) => {
        const worked = link?.proven() === true
        const was = link
        dialling = undefined
        link = undefined
        if (was !== undefined) {
          lostAtMs = clock.nowMs()
          parts.onConnected(false)
        }
        if (end._tag === "Rejected") rejected = end.error
        if (worked) backoff.lost()
        else backoff.failed(end._tag === "Lost" ? end.retryAfterMs : undefined)
        // Whoever waits since the loss gets another attempt; whoever waited for this one gets its outcome.
        if (was === undefined || end._tag !== "Lost") tellWaiters(noLink(end))
        tellListeners()
        attemptWhenDue()
      },
    })
  }

  return {
    acquire: (waitMs, use, trace) => {
      if (closed) {
        use(new IsOffline({ message: "this client is closed" }))
        return () => undefined
      }
      if (rejected !== undefined || link !== undefined) {
        use(rejected ?? (link as L))
        return () => undefined
      }
      const forget = (): void => {
        cancelDeadline()
        waiters.delete(waiter)
      }
      const waiter = (outcome: L | NoLink): void => {
        forget()
        use(outcome)
      }
      const cancelDeadline = clock.after(waitMs, () => waiter(new IsOffline({ message: "no connection in time" })))
      waiters.add(waiter)
      attemptWhenDue(trace)
      return forget
    },
    want: (isLive, trace) => {
      wants += 1
      if (isLive) setLive(live + 1)
      attemptWhenDue(trace)
      let released = false
      return () => {
        if (released) return
        released = true
        wants -= 1
        if (isLive) setLive(live - 1)
      }
    },
    news: () => ({ hint, hints, connections, lostAtMs, rejected, closed }),
    heard,
    onNews: (listener) => {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    close: Effect.suspend(() => {
      closed = true
      cancelAttempt?.()
      tellWaiters(new IsOffline({ message: "this client is closed" }))
      dialling?.drop("closed")
      return link?.close ?? Effect.void
    }),
  }
}

const noLink = (end: LinkEnd): NoLink => {
  if (end._tag === "Rejected") return end.error
  if (end._tag === "Unsupported") return new UnknownError({ message: end.message })
  return new IsOffline({ message: end.message })
}
