import { Effect } from "effect"
import type { Link, LinkFaultHandle } from "../chaos/links/link.ts"
import type { LinkCounters, LinkFault } from "../contract/fault.ts"
import type { ArenaLink, StandingFault } from "./arena.ts"
import { unjudged, type ArenaContext } from "./arena-context.ts"

const noCounters: LinkCounters = {
  connections: 0,
  refused: 0,
  resets: 0,
  open: 0,
  bytesUp: 0,
  bytesDown: 0,
  framesUp: 0,
  framesDown: 0,
  touched: 0,
}

const needsFrames: ReadonlySet<LinkFault["kind"]> = new Set([
  "drop",
  "duplicate",
  "hold",
  "truncate",
  "garbage",
  "strip",
  "close",
])

/**
 * A client that works without a byte on its link cannot be harmed there: whatever was done to the link changed nothing,
 * and the check judges nothing.
 */
export const mustUseLink = ({ recorder }: ArenaContext, client: string, link: Link | undefined): void => {
  if (link === undefined) return
  const { connections, refused } = link.counters()
  if (connections > 0 || refused > 0) return
  const own = new Set<number>()
  let works = false
  for (const record of recorder.records()) {
    // Opened again it has a new link, and what it did before went through another.
    if (record.k === "client" && record.client === client) {
      own.clear()
      works = false
    }
    if (record.k === "invoke" && record.client === client) own.add(record.op)
    if ((record.k === "ok" || record.k === "page") && own.has(record.op)) works = true
  }
  if (works) recorder.unjudged(`client ${client} does not go through its link: what was done there changed nothing`)
}

/** A client's link as checks see it: every fault is recorded when it goes on, when it bites, and when it goes off. */
export const makeArenaLink = (context: ArenaContext, client: string, link: Link | undefined): ArenaLink => {
  const { recorder, waiting } = context
  const deadlineMs = context.provider.capabilities.times.deadlineMs
  const standing = new Set<() => void>()
  const settled = Effect.suspend(() => link?.settled ?? Effect.void)

  const stand = (fault: LinkFault, handle: LinkFaultHandle): StandingFault => {
    const name = `link ${fault.kind}`
    const detail = JSON.stringify(fault)
    recorder.fault({ name, phase: "on", client, detail })
    let over = false
    let bitten = false
    const sawBite = () => {
      if (!bitten && handle.bit() > 0) {
        bitten = true
        recorder.fault({ name, phase: "bit", client })
      }
      return bitten
    }
    const takeOff = (how: () => void) => () => {
      if (over) return
      over = true
      standing.delete(heal)
      sawBite()
      mustUseLink(context, client, link)
      how()
      recorder.fault({ name, phase: "off", client })
      waiting.notify()
    }
    const heal = takeOff(handle.heal)
    standing.add(heal)
    return {
      bit: handle.bit,
      bites: (withinMs = deadlineMs) => waiting.until(sawBite, withinMs),
      // A task of its own after each change lets what it set free run before the check goes on.
      heal: Effect.sync(heal).pipe(Effect.andThen(settled), Effect.andThen(Effect.yieldNow)),
      release: Effect.sync(takeOff(handle.release)).pipe(Effect.andThen(settled), Effect.andThen(Effect.yieldNow)),
    }
  }

  return {
    fault: (fault) => {
      if (link === undefined) return unjudged(context, "the host offers no endpoint, so nothing can stand on the link")
      if (needsFrames.has(fault.kind) && context.host.classify === undefined) {
        return unjudged(context, `the host classifies no frames, so "${fault.kind}" cannot be aimed`)
      }
      return Effect.tap(
        Effect.sync(() => stand(fault, link.fault(fault))),
        () => settled,
      )
    },
    heal: Effect.andThen(
      Effect.sync(() => {
        for (const heal of [...standing]) heal()
      }),
      settled,
    ),
    counters: () => link?.counters() ?? noCounters,
  }
}
