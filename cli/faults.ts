import type { DeclaredFault, LinkFaultKind } from "../contract/fault.ts"
import type { HostPart } from "../contract/provider.ts"

/** A fault that checks and campaigns can use, and what a host needs for it. */
export interface FaultEntry {
  readonly name: string
  readonly layer: "link" | "frame" | "process" | "storage" | "client"
  readonly does: string
  readonly needs: ReadonlyArray<HostPart>
}

type FaultParts = Extract<
  HostPart,
  | `process.${"kill" | "restart" | "pause" | "evict" | "deploy"}`
  | `storage.${"wipe" | "wipeBeneath" | "snapshot" | "outage" | "failWrite"}`
>

const links: Readonly<Record<LinkFaultKind, Omit<FaultEntry, "name" | "needs">>> = {
  refuse: { layer: "link", does: "new connections are refused" },
  reset: { layer: "link", does: "open connections end by a reset" },
  "half-open": { layer: "link", does: "connections stay open while nothing arrives" },
  delay: { layer: "link", does: "bytes arrive later, with jitter" },
  throttle: { layer: "link", does: "bytes arrive slowly" },
  split: { layer: "link", does: "bytes arrive in small pieces" },
  coalesce: { layer: "link", does: "bytes of a while arrive as one" },
  "cut-after": { layer: "link", does: "a reset after so many bytes" },
  drop: { layer: "frame", does: "a frame is swallowed: a request, or the answer after the commit" },
  duplicate: { layer: "frame", does: "a frame arrives twice" },
  hold: { layer: "frame", does: "a frame waits until it is released" },
  truncate: { layer: "frame", does: "half a frame arrives" },
  garbage: { layer: "frame", does: "something else arrives in place of a frame" },
  strip: { layer: "frame", does: "only the first members of a frame arrive, or not all headers" },
  close: { layer: "frame", does: "the connection is closed with a code in place of a frame" },
  "http-answer": { layer: "frame", does: "new connections, or HTTP requests, get an answer of the fault's" },
}

const parts: Readonly<Record<FaultParts, string>> = {
  "process.kill": "the backend ends at once and stays down",
  "process.restart": "an orderly restart",
  "process.pause": "the backend freezes and goes on",
  "process.evict": "one store's object leaves memory; its sockets hibernate or close",
  "process.deploy": "a new version under connected clients",
  "storage.wipe": "a new life of the data",
  "storage.wipeBeneath": "the data goes beneath a running backend",
  "storage.snapshot": "an older snapshot is restored",
  "storage.outage": "every statement fails for a while",
  "storage.failWrite": "the nth writing statement fails",
}

const declared: Readonly<Record<DeclaredFault, string>> = {
  "storage.slow": "statements take longer",
  "storage.full": "nothing can be added; what is there can be read",
  "storage.unsynced": "what was written and not synced is gone when the backend ends",
  "storage.stale-replica": "reads are served by a copy that stands still",
  "storage.two-instances": "a second instance of the backend begins while the first goes on",
  "client.clock-jump": "a client's wall clock is set forward or back",
}

const clients: ReadonlyArray<FaultEntry> = [
  { name: "crash", layer: "client", does: "the link is cut, then the client is dropped; its memory stays", needs: [] },
  { name: "interrupt", layer: "client", does: "an operation is asked to stop", needs: [] },
  { name: "slow-reader", layer: "client", does: "a pull stops reading and goes on", needs: [] },
  { name: "lost", layer: "client", does: "a client begins again without its memory and without a cursor", needs: [] },
  { name: "old-cursor", layer: "client", does: "a pull begins at a cursor from earlier", needs: [] },
]

/** Every fault, layer by layer. */
export const faults: ReadonlyArray<FaultEntry> = [
  ...Object.entries(links).map(([name, { layer, does }]): FaultEntry => {
    const classified = layer === "frame" && name !== "http-answer"
    return { name, layer, does, needs: classified ? ["endpoint", "classify"] : ["endpoint"] }
  }),
  ...(Object.entries(parts) as ReadonlyArray<[FaultParts, string]>).map(([part, does]): FaultEntry => {
    const [layer, name] = part.split(".") as ["process" | "storage", string]
    return { name, layer, does, needs: [part] }
  }),
  ...(Object.entries(declared) as ReadonlyArray<[DeclaredFault, string]>).map(([fault, does]): FaultEntry => {
    const [layer, name] = fault.split(".") as ["storage" | "client", string]
    return { name, layer, does, needs: [layer === "storage" ? "storage.fault" : "clients.jumpClock"] }
  }),
  ...clients,
]
