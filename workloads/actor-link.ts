import { Effect } from "effect"
import type { ArenaLink, CheckStop } from "../harness/arena.ts"
import type { Actor, LinkFaultOnActor } from "./stage.ts"

/** Puts what stands on an actor's link on the link of its new process. A reset is over when it is armed. */
export const armLinkFaults = Effect.fnUntraced(function* (
  actor: Actor,
  link: ArenaLink,
): Effect.fn.Return<void, CheckStop> {
  actor.link = link
  for (const standing of actor.standing.values()) {
    if (standing.fault.kind !== "reset") standing.handle = yield* link.fault(standing.fault)
  }
})

/** Takes a fault off the link that it stands on; `how` decides what becomes of frames that it holds. */
export const takeOffLink = (standing: LinkFaultOnActor, how: "heal" | "release" = "heal"): Effect.Effect<void> =>
  Effect.suspend(() => {
    const { handle } = standing
    if (handle === undefined) return Effect.void
    standing.handle = undefined
    standing.bit ||= handle.bit() > 0
    return handle[how]
  })

/** The actor's link is gone with its process: its faults wait for the next one. */
export const leaveLink = (actor: Actor): Effect.Effect<void> =>
  Effect.suspend(() => {
    actor.link = undefined
    return Effect.forEach([...actor.standing.values()], (standing) => takeOffLink(standing), { discard: true })
  })
