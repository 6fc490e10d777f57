import { Effect } from "effect"
import type { LinkCounters, LinkFault } from "../../../contract/fault.ts"
import type { HostLink } from "../../../contract/provider.ts"
import type { LinkCommand, LinkReport } from "./control-wire.ts"

const nothing: LinkCounters = {
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

/** A client's link in its object, as the harness's process sees it: what it saw there was reported here. */
export interface RemoteLink extends HostLink {
  readonly seed: number
  /** How commands reach the object, once its client is opened. `settled` ends when all of them have taken hold. */
  readonly attach: (to: {
    readonly send: (command: LinkCommand) => void
    readonly settled: Effect.Effect<void>
  }) => void
  /** What has to stand on a link that begins anew, because the object's process did. */
  readonly opening: () => ReadonlyArray<LinkCommand>
  readonly onReport: (report: LinkReport) => void
  /** The object's link is gone, and its counts begin anew. */
  readonly onLost: () => void
}

interface Standing {
  readonly fault: LinkFault
  /** Bites on links before this one, and on this one. */
  before: number
  now: number
  over: boolean
}

export const remoteLink = (options: {
  readonly id: string
  readonly seed: number
  readonly onEvent: () => void
}): RemoteLink => {
  const faults = new Map<number, Standing>()
  let before = nothing
  let now = nothing
  let lastFrames: ReadonlyArray<string> = []
  let isCut = false
  let count = 0
  let attached: Parameters<RemoteLink["attach"]>[0] | undefined
  const send = (command: LinkCommand): void => attached?.send(command)

  const end = (n: number, c: "heal" | "release") => (): void => {
    const standing = faults.get(n)
    if (standing === undefined || standing.over) return
    standing.over = true
    send({ c, n })
  }

  return {
    address: { kind: "host", id: options.id },
    seed: options.seed,
    attach: (to) => void (attached = to),
    fault: (fault) => {
      const n = ++count
      const standing: Standing = { fault, before: 0, now: 0, over: false }
      faults.set(n, standing)
      send({ c: "fault", n, fault: asJson(fault) })
      return { bit: () => standing.before + standing.now, heal: end(n, "heal"), release: end(n, "release") }
    },
    heal: () => {
      for (const n of faults.keys()) end(n, "heal")()
    },
    cut: () => {
      isCut = true
      send({ c: "cut" })
    },
    counters: () => sum(before, now),
    lastFrames: () => lastFrames,
    settled: Effect.suspend(() => attached?.settled ?? Effect.void),
    opening: () => [
      ...[...faults].flatMap(([n, { fault, before: bites, over }]): ReadonlyArray<LinkCommand> => {
        const left = over ? undefined : whatIsLeft(fault, bites)
        return left === undefined ? [] : [{ c: "fault", n, fault: asJson(left) }]
      }),
      ...(isCut ? [{ c: "cut" } as const] : []),
    ],
    onReport: (report) => {
      now = report.counters
      lastFrames = report.lastFrames
      for (const [n, bites] of report.bites) {
        const standing = faults.get(n)
        if (standing !== undefined) standing.now = bites
      }
      options.onEvent()
    },
    onLost: () => {
      before = { ...sum(before, now), open: 0 }
      now = nothing
      for (const standing of faults.values()) {
        standing.before += standing.now
        standing.now = 0
      }
      options.onEvent()
    },
  }
}

const sum = (a: LinkCounters, b: LinkCounters): LinkCounters => ({
  connections: a.connections + b.connections,
  refused: a.refused + b.refused,
  resets: a.resets + b.resets,
  open: b.open,
  bytesUp: a.bytesUp + b.bytesUp,
  bytesDown: a.bytesDown + b.bytesDown,
  framesUp: a.framesUp + b.framesUp,
  framesDown: a.framesDown + b.framesDown,
  touched: a.touched + b.touched,
})

/** JSON has no infinity: a fault for ever is one for more frames than there will be. */
const asJson = (fault: LinkFault): LinkFault =>
  "match" in fault && fault.match.times === Number.POSITIVE_INFINITY
    ? { ...fault, match: { ...fault.match, times: Number.MAX_SAFE_INTEGER } }
    : fault

/** What remains of a fault that has bitten so often on a link that is gone. */
const whatIsLeft = (fault: LinkFault, bites: number): LinkFault | undefined => {
  if (fault.kind === "reset" || (fault.kind === "cut-after" && bites > 0)) return undefined
  if (!("match" in fault) || bites === 0) return fault
  const times = (fault.match.times ?? 1) - bites
  return times > 0 ? { ...fault, match: { ...fault.match, nth: 1, times } } : undefined
}
