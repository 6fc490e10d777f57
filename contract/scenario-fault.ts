import { Schema } from "effect"

/**
 * Faults as they stand in a plan: those of a link as `LinkFault` has them, those of backend, storage and clients by name. The
 * link's schemas repeat its types so that a file can be checked.
 */

const kind = <K extends string, F extends Schema.Struct.Fields>(name: K, fields: F) =>
  Schema.Struct({ kind: Schema.Literal(name), ...fields })

const NonNegative = Schema.Number.check(Schema.isGreaterThanOrEqualTo(0))
const Positive = Schema.Int.check(Schema.isGreaterThan(0))
const OneDirection = Schema.Literals(["up", "down"])
const AnyDirection = Schema.Literals(["up", "down", "both"])

const Operation = Schema.Literals(["connect", "push", "pull", "live", "ping", "other"])
const Role = Schema.Literals(["request", "answer", "page", "poke", "cancel", "ack", "other"])

const Match = Schema.Struct({
  direction: Schema.optionalKey(OneDirection),
  operation: Schema.optionalKey(Schema.Union([Operation, Schema.Array(Operation)])),
  role: Schema.optionalKey(Schema.Union([Role, Schema.Array(Role)])),
  nth: Schema.optionalKey(Positive),
  times: Schema.optionalKey(Positive),
})

/** A fault on one client's link. */
export const PlannedLinkFault = Schema.Union([
  kind("refuse", {}),
  kind("reset", {}),
  kind("half-open", { direction: AnyDirection }),
  kind("delay", { ms: NonNegative, jitterMs: NonNegative, direction: AnyDirection }),
  kind("throttle", { bytesPerSecond: Positive, direction: AnyDirection }),
  kind("split", { maxBytes: Positive, direction: AnyDirection }),
  kind("coalesce", { windowMs: NonNegative, direction: AnyDirection }),
  kind("cut-after", { bytes: NonNegative, direction: OneDirection }),
  kind("drop", { match: Match }),
  kind("duplicate", { match: Match }),
  kind("hold", { match: Match }),
  /** A `hold` that is released when the fault ends: the frames arrive after all, behind those that came after them. */
  kind("late", { match: Match }),
  kind("truncate", { match: Match }),
  kind("garbage", { match: Match, body: Schema.String }),
  kind("strip", {
    match: Match,
    members: Schema.optionalKey(NonNegative),
    headers: Schema.optionalKey(Schema.Array(Schema.String)),
  }),
  kind("close", { match: Match, code: Schema.Int }),
  kind("http-answer", {
    match: Schema.optionalKey(Match),
    status: Schema.Int,
    headers: Schema.Record(Schema.String, Schema.String),
    body: Schema.String,
  }),
])
export type PlannedLinkFault = typeof PlannedLinkFault.Type

/**
 * Something done to the backend's process or storage, named after the part of the host that does it. `kill`, `pause`,
 * `outage` and the five of `StorageFault` last until the fault ends; a `snapshot` is taken where the fault begins and
 * restored where it ends.
 */
export const PlannedHostFault = Schema.Union([
  kind("kill", {}),
  kind("restart", {}),
  kind("pause", {}),
  kind("evict", { sockets: Schema.Literals(["hibernate", "close"]) }),
  kind("deploy", {}),
  kind("wipe", {}),
  kind("wipeBeneath", {}),
  kind("snapshot", {}),
  kind("outage", {}),
  kind("failWrite", { nth: Positive }),
  kind("slow", { ms: NonNegative, of: Schema.optionalKey(Schema.Literals(["all", "writes"])) }),
  kind("full", {}),
  kind("unsynced", {}),
  kind("stale-replica", {}),
  kind("two-instances", {}),
])
export type PlannedHostFault = typeof PlannedHostFault.Type

/**
 * Something done to a client. `clock-jump` sets its wall clock forward, or with a negative number back. The others are
 * done by the client before whose step they stand: `crash` cuts the link and drops it, `lost` begins again with
 * neither memory nor cursor, `old-cursor` is a crash after which it stands where it stood some pages earlier,
 * `interrupt` stops its latest detached operation, `slow-reader` stops reading one of its live pulls until the fault ends.
 */
export const PlannedClientFault = Schema.Union([
  kind("clock-jump", { ms: Schema.Number }),
  kind("crash", {}),
  kind("lost", {}),
  kind("old-cursor", {}),
  kind("interrupt", {}),
  kind("slow-reader", {}),
])
export type PlannedClientFault = typeof PlannedClientFault.Type

export const PlanFault = Schema.Union([PlannedLinkFault, PlannedHostFault, PlannedClientFault])
export type PlanFault = typeof PlanFault.Type
