import { Effect } from "effect"
import type { LinkFault } from "../../contract/fault.ts"
import type { PlannedLinkFault } from "../../contract/scenario-fault.ts"
import { takeOffLink } from "../actor-link.ts"
import type { LinkFaultOnActor } from "../stage.ts"
import { defineNemesis, type Attack, type Nemesis } from "./nemesis.ts"

type Kind = PlannedLinkFault["kind"]

/** What each does, and whether it acts on bytes or on frames. */
const links: Readonly<Record<Kind, readonly ["link" | "frame", does: string]>> = {
  refuse: ["link", "new connections are refused"],
  reset: ["link", "open connections end by a reset"],
  "half-open": ["link", "connections stay open while nothing arrives"],
  delay: ["link", "bytes arrive later, with jitter"],
  throttle: ["link", "bytes arrive slowly"],
  split: ["link", "bytes arrive in small pieces"],
  coalesce: ["link", "bytes of a while arrive as one"],
  "cut-after": ["link", "a reset after so many bytes"],
  drop: ["frame", "a frame is swallowed: a request, or the answer after the commit"],
  duplicate: ["frame", "a frame arrives twice"],
  hold: ["frame", "a frame waits until it is released"],
  late: ["frame", "a frame arrives behind those that came after it"],
  truncate: ["frame", "half a frame arrives"],
  garbage: ["frame", "something else arrives in place of a frame"],
  strip: ["frame", "only the first members of a frame arrive, or not all headers"],
  close: ["frame", "the connection is closed with a code in place of a frame"],
  "http-answer": ["frame", "new connections, or HTTP requests, get an answer of the fault's"],
}

/** What the link is asked for: a late frame is one that is held and let go. */
const onLink = (fault: PlannedLinkFault): LinkFault =>
  fault.kind === "late" ? { kind: "hold", match: fault.match as never } : (fault as LinkFault)

/** It stands on each link that the client opens while it lasts; the link counts what it changed. */
const apply = Effect.fnUntraced(function* (_stage: unknown, { key, fault, actor }: Attack<PlannedLinkFault>) {
  const asked = onLink(fault)
  const handle = actor.link === undefined ? undefined : yield* actor.link.fault(asked)
  const standing: LinkFaultOnActor = { fault: asked, handle, bit: false }
  actor.standing.set(key, standing)
  return {
    heal: Effect.suspend(() => {
      actor.standing.delete(key)
      return takeOffLink(standing, fault.kind === "late" ? "release" : "heal")
    }),
    prove: Effect.sync(() => standing.bit),
    provedWhen: "healed" as const,
  }
})

const ofKind = (name: Kind): Nemesis => {
  const [layer, does] = links[name]
  const classified = layer === "frame" && name !== "http-answer"
  return defineNemesis<PlannedLinkFault>({
    name,
    layer,
    does,
    needs: classified ? ["endpoint", "classify"] : ["endpoint"],
    apply,
  })
}

/** Faults of the link between one client and the backend, of bytes and of frames. */
export const linkNemeses: ReadonlyArray<Nemesis> = (Object.keys(links) as Array<Kind>).map(ofKind)
