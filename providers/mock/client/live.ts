import { Cause, Effect, type Option, type Pull } from "effect"
import { seamHere } from "../../../chaos/world/seam.ts"
import type { PullError } from "../../../contract/errors.ts"
import type { Cursor, PullItem } from "../../../contract/event.ts"
import { mockTimes } from "../capabilities.ts"
import type { PageFrame, PongFrame } from "../wire.ts"
import type { ClientContext } from "./context.ts"
import type { LiveListener } from "./connection.ts"
import { itemOf, positionAfter } from "./pages.ts"
import { pageFrame, takePage } from "./pull.ts"
import { request } from "./request.ts"
import type { Position } from "./seams.ts"
import type { Session } from "./session.ts"

/** What one turn of a live pull gives. */
type Items = readonly [PullItem, ...Array<PullItem>]

/**
 * A live pull: history and later batches through the same page requests, so that the log alone decides what comes
 * when. It asks when it is poked, when a pong names a head that it has not seen, when another operation of the
 * client heard of one, and when its connection was lost and made again; never otherwise.
 */
export class LivePull implements LiveListener {
  private readonly context: ClientContext
  private readonly sub: number
  private readonly release: ReadonlyArray<() => void>
  private position: Position
  private until: number | undefined
  private backendId: string | undefined
  private first = true
  private inRound = true
  private again = false
  private heardOf = 0
  private delivered = 0
  private registeredOn: Session | undefined
  /** Since when nothing came, while the connection is lost; it must not be silent for longer than it may. */
  private silentSinceMs: number | undefined
  private wake: (() => void) | undefined

  constructor(context: ClientContext, sub: number, cursor: Option.Option<Cursor>) {
    this.context = context
    this.sub = sub
    this.position = context.seams.position(cursor)
    this.backendId = this.position.at?.backendId
    this.release = [context.connection.want(), context.connection.listen(this)]
  }

  /** Ends it, here and on the backend. */
  close(): void {
    this.context.connection.unsubscribe(this.sub)
    for (const release of this.release) release()
  }

  poked(head: number, again: boolean): void {
    this.heardOf = Math.max(this.heardOf, head)
    if (again) this.again = true
    this.wakeUp()
  }

  ponged(pong: PongFrame): void {
    if (pong.head !== undefined && pong.head > this.cursor) this.heardOf = Math.max(this.heardOf, pong.head)
    if (this.backendId !== undefined && pong.backendId !== this.backendId) this.again = true
    this.wakeUp()
  }

  lost(silentSinceMs: number): void {
    this.silentSinceMs ??= silentSinceMs
    this.position = this.context.seams.resumeAt(this.position, { client: this.context.client, sub: this.sub })
    this.wakeUp()
  }

  /** The next items, whenever they come. It ends only by failing, or where a seam says so. */
  readonly next: Pull.Pull<Items, PullError> = Effect.suspend(() => Effect.gen({ self: this }, this.pulling));

  private *pulling(): Effect.fn.Return<Items, PullError | Cause.Done<void>> {
    const { seams, client } = this.context
    // The caller asks only now: what was lost while it did not is no silence that it saw.
    this.silentSinceMs = undefined
    for (;;) {
      if (!this.inRound && !seams.staysOpen({ delivered: this.delivered })) return yield* Cause.done()
      if (this.isCurrent) {
        yield* this.sleep
        yield* seamHere("live")
        continue
      }
      const page = yield* this.page
      if (page === undefined) continue
      const opening = this.first
      this.turn(page)
      if (page.events.length === 0 && !opening) continue
      const items = seams.deliver({ item: itemOf(seams, page), live: true, client })
      if (items.length > 0) return items as unknown as Items
    }
  }

  private get cursor(): number {
    return this.position.after ?? 0
  }

  /** There is nothing to ask for: caught up, on the connection where the subscription stands. */
  private get isCurrent(): boolean {
    const { connection, seams } = this.context
    const news = this.again || seams.onPoke({ head: this.heardOf, cursor: this.cursor })
    return !this.inRound && !news && this.registeredOn !== undefined && connection.isOpen(this.registeredOn)
  }

  /** One page, or nothing when the connection was lost before it came and there is time for another. */
  private readonly page: Effect.Effect<PageFrame | undefined, PullError> = Effect.suspend(() =>
    Effect.gen({ self: this }, this.paging).pipe(
      Effect.tapError((error) => Effect.sync(() => void (error._tag === "IsOffline" && this.wentOffline()))),
    ),
  );

  private *paging(): Effect.fn.Return<PageFrame | undefined, PullError> {
    const { connection, timers, seams, pace } = this.context
    if (this.first) yield* pace.turn
    this.silentSinceMs ??= timers.nowMs()
    const giveUpAtMs = this.silentSinceMs + mockTimes.silentMs
    const session = yield* connection.ready(Math.max(0, giveUpAtMs - timers.nowMs()))
    this.again = false
    const { sub, first, position, heardOf } = this
    const cut = this.until === undefined ? {} : { until: this.until }
    const withinMs = Math.min(seams.deadlineMs("live"), Math.max(1, giveUpAtMs - timers.nowMs()))
    const frame = yield* pageFrame(this.context, { t: "live", sub, first, position, ...cut })
    const answer = yield* request(connection, session, frame, withinMs, true).pipe(
      Effect.catchIf(
        (error) => error._tag === "IsOffline" && timers.nowMs() < giveUpAtMs,
        () => Effect.succeed(undefined),
      ),
    )
    if (answer === undefined) return undefined
    const page = yield* takePage(this.context, answer, "live")
    this.registeredOn = session
    // A head that the log does not have yet, or never had: the next poke or pong names it again. What was heard
    // of while the page was on its way may have come after the reading, and stays.
    if (page.events.length === 0 && this.heardOf === heardOf) this.heardOf = 0
    return page
  }

  /** Whoever opened it will open another: the connection is wanted still. */
  private wentOffline(): void {
    this.context.pace.failed()
    this.context.connection.keepWanting()
  }

  /** Takes a page over: where it ends is where the next one begins. */
  private turn(page: PageFrame): void {
    this.context.pace.succeeded()
    this.position = positionAfter(page, this.position)
    this.backendId = page.backendId
    this.delivered += page.events.length
    this.first = false
    this.silentSinceMs = undefined
    this.inRound = page.remaining > 0
    this.until = this.inRound ? page.until : undefined
  }

  private readonly sleep: Effect.Effect<void> = Effect.callback<void>((resume) => {
    this.wake = () => resume(Effect.void)
    return Effect.sync(() => void (this.wake = undefined))
  })

  private wakeUp(): void {
    const wake = this.wake
    this.wake = undefined
    wake?.()
  }
}
