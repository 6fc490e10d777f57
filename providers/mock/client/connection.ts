import { Effect, Exit } from "effect"
import type { TimersShape } from "../../../chaos/timers.ts"
import { PayloadRejected } from "../../../contract/errors.ts"
import type { VirtualSocket } from "../../../contract/provider.ts"
import { mockTimes } from "../capabilities.ts"
import { encodeFrame } from "../codec.ts"
import type { DownFrame, PongFrame } from "../wire.ts"
import { BackOff } from "./back-off.ts"
import { watchSession } from "./heartbeat.ts"
import { isHttp, retryAfterMs } from "./http-answer.ts"
import { later, leftAlone, offline, type Unreachable } from "./request.ts"
import type { ClientIdentity, ClientSeams } from "./seams.ts"
import { Session, type Answer } from "./session.ts"

/** A live pull, as far as the connection knows it. */
export interface LiveListener {
  /** Something new, up to `head`; with `again` something else has changed. */
  readonly poked: (head: number, again: boolean) => void
  readonly ponged: (pong: PongFrame) => void
  /** The connection is gone; nothing has arrived since `silentSinceMs`. */
  readonly lost: (silentSinceMs: number) => void
}

/** What a client's connection needs. */
export interface ConnectionOptions {
  readonly client: ClientIdentity
  readonly seams: ClientSeams
  readonly timers: TimersShape
  readonly dial: () => VirtualSocket | undefined
  readonly draw: (key: string, below: number) => number
  /** Takes what `isConnected` is to say. */
  readonly status: (connected: boolean) => void
}

type Waiter = (outcome: Exit.Exit<Session, Unreachable>) => void

/**
 * One client's way to its backend. It dials when an operation needs it, and by itself, with growing gaps, as long
 * as somebody wants a connection: a `connect` whose scope is open, or a live pull. After its payload was refused it
 * never dials again. Everything here is synchronous but for `ready`, where fibers wait.
 */
export class ClientConnection {
  private readonly options: ConnectionOptions
  private readonly waiters = new Set<Waiter>()
  private readonly listeners = new Set<LiveListener>()
  private session: Session | undefined
  private handshake: Session | undefined
  private rejected: PayloadRejected | undefined
  private closed = false
  private wanted = 0
  private kept = false
  private readonly backOff: BackOff
  private cancelAttempt: (() => void) | undefined

  constructor(options: ConnectionOptions) {
    this.options = options
    this.backOff = new BackOff(options)
  }

  get timers(): TimersShape {
    return this.options.timers
  }

  /** The open connection, or the outcome of the next attempt to make one. */
  ready(withinMs: number): Effect.Effect<Session, Unreachable> {
    return Effect.suspend(() => {
      if (this.closed) return Effect.fail(offline("the client is closed"))
      if (this.rejected !== undefined) return Effect.fail(this.rejected)
      if (this.session !== undefined) return Effect.succeed(this.session)
      return Effect.callback<Session, Unreachable>((resume) => {
        const cancel = this.options.timers.after(withinMs, () => waiter(Exit.fail(offline("no connection in time"))))
        const leave = () => {
          cancel()
          this.waiters.delete(waiter)
        }
        const waiter: Waiter = (outcome) => {
          leave()
          resume(later(outcome))
        }
        this.waiters.add(waiter)
        this.dialWhenDue()
        return Effect.sync(leave)
      })
    })
  }

  /** Tells the backend that a live pull has ended; pings say it again until one is answered. */
  unsubscribe(sub: number): void {
    const { session } = this
    if (session === undefined) return
    session.gone.add(sub)
    session.socket.send(`${encodeFrame({ t: "unsub", sub })}\n`)
  }

  /** From now on somebody wants a connection, until the result is called. */
  want(): () => void {
    this.wanted += 1
    let done = false
    return () => {
      if (done) return
      done = true
      this.wanted -= 1
    }
  }

  /** Somebody wants a connection until the client ends. */
  keepWanting(): void {
    if (this.kept) return
    this.kept = true
    this.want()
    this.dialWhenDue()
  }

  /** Ends the connection in order, unless somebody wants it. */
  disconnectUnlessWanted(): void {
    if (this.wanted === 0) this.disconnect()
  }

  /** Whether this is the connection that stands now. */
  isOpen(session: Session): boolean {
    return this.session === session
  }

  listen(listener: LiveListener): () => void {
    this.listeners.add(listener)
    return () => void this.listeners.delete(listener)
  }

  /** Lets every live pull of this client know a head that another operation was told. */
  heard(head: number): void {
    for (const listener of this.listeners) listener.poked(head, false)
  }

  /** Whether operations reach a backend that works. */
  believe(connected: boolean): void {
    const { status, seams, client } = this.options
    status(seams.status(connected && this.session !== undefined, client))
  }

  /** The payload is not accepted: the end of all attempts. */
  reject(error: PayloadRejected): void {
    this.rejected ??= error
    this.stopDialing()
    const session = this.session ?? this.handshake
    if (session !== undefined) this.lose(session, error.message)
    for (const waiter of this.waiters) waiter(Exit.fail(error))
  }

  /** Orderly end for good. */
  close(): void {
    this.closed = true
    this.stopDialing()
    this.disconnect()
    for (const waiter of this.waiters) waiter(Exit.fail(offline("the client is closed")))
  }

  private disconnect(): void {
    const session = this.session ?? this.handshake
    if (session !== undefined) this.lose(session, "closed by the client")
    this.backOff.forget()
  }

  private get needed(): boolean {
    return !this.closed && this.rejected === undefined && (this.wanted > 0 || this.waiters.size > 0)
  }

  private dialWhenDue(): void {
    const idle = this.session === undefined && this.handshake === undefined && this.cancelAttempt === undefined
    if (!idle || !this.needed) return
    const { waitMs } = this.backOff
    if (waitMs <= 0) return this.dial()
    this.cancelAttempt = this.options.timers.after(waitMs, () => {
      this.cancelAttempt = undefined
      if (this.needed) this.dial()
    })
  }

  private stopDialing(): void {
    this.cancelAttempt?.()
    this.cancelAttempt = undefined
  }

  private dial(): void {
    const { timers, seams, client } = this.options
    const socket = this.options.dial()
    if (socket === undefined) return this.failed("the connection was refused")
    const session = new Session(socket, seams.reader(), timers.nowMs())
    this.handshake = session
    session.cancelWatch = timers.after(mockTimes.handshakeMs, () => this.lose(session, "no answer to the hello"))
    socket.onChunk((chunk) => this.received(session, chunk))
    socket.onClose(() => this.lose(session, "the connection was lost"))
    socket.send(`${encodeFrame(seams.hello(client))}\n`)
  }

  /** An attempt came to nothing. Who answered may have said how long to stay away. */
  private failed(why: string, stayAwayMs = 0): void {
    this.backOff.failed(stayAwayMs)
    for (const waiter of this.waiters) waiter(Exit.fail(offline(why)))
    this.dialWhenDue()
  }

  private opened(session: Session): void {
    session.cancelWatch()
    this.handshake = undefined
    this.session = session
    watchSession(session, {
      timers: this.options.timers,
      beat: this.options.seams.heartbeat(this.options.client),
      ponged: (pong) => this.ponged(pong),
      lost: () => this.lose(session, "nothing arrives any more"),
    })
    this.believe(true)
    for (const waiter of this.waiters) waiter(Exit.succeed(session))
  }

  /** Ends a connection, whoever ended it: what waits on it fails, what wants one gets the next. */
  lose(session: Session, why: string): void {
    if (session.over) return
    session.over = true
    session.cancelWatch()
    session.socket.close()
    if (this.handshake === session) {
      this.handshake = undefined
      if (!this.closed && this.rejected === undefined) this.failed(why, retryAfterMs(session.http))
      return
    }
    this.session = undefined
    if (session.answered) this.backOff.startAfresh()
    this.backOff.failed()
    this.believe(false)
    for (const [id, { settle }] of [...session.pending]) {
      settle(Exit.fail(this.rejected ?? (session.wasLeftAlone(id) ? leftAlone : offline(why))))
    }
    for (const listener of this.listeners) listener.lost(session.receivedAtMs)
    this.dialWhenDue()
  }

  private received(session: Session, chunk: string): void {
    if (session.over) return
    session.receivedAtMs = this.options.timers.nowMs()
    if (this.handshake === session && isHttp(session.http + chunk)) {
      session.http += chunk
      return
    }
    const { lines, garbage } = session.reader.read(chunk)
    for (const line of lines) {
      if (session.over) return
      const frame = this.options.seams.decodeDown(line)
      if (frame === undefined) return this.lose(session, "the answer is no frame of this protocol")
      this.receivedFrame(session, frame)
    }
    if (garbage) this.lose(session, "what arrived is no frame of this protocol")
  }

  private receivedFrame(session: Session, frame: DownFrame): void {
    if (frame.t === "welcome") {
      if (this.handshake === session) this.opened(session)
      return
    }
    if (frame.t === "poke") {
      for (const listener of this.listeners) listener.poked(frame.head, frame.again === true)
      return
    }
    if (frame.t === "bye") return session.goodbye(frame)
    if (frame.id === 0) return this.refusedHello(session, frame)
    session.answers(frame.id, frame, this.options.timers.nowMs())
  }

  private refusedHello(session: Session, frame: Answer): void {
    if (this.handshake !== session || frame.t !== "refused") return
    const error = this.options.seams.mapError(frame.error, "connect")
    if (error._tag === "PayloadRejected") this.reject(error)
    else this.lose(session, error.message)
  }

  /** What a pong says counts for the status and for every live pull. */
  ponged(pong: PongFrame): void {
    if (pong.refused !== undefined) return this.reject(new PayloadRejected({ message: pong.refused }))
    this.believe(pong.ok && this.session?.isSuspicious(this.options.timers.nowMs()) === false)
    if (pong.ok) for (const listener of this.listeners) listener.ponged(pong)
  }
}
