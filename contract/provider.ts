import { Context, type Effect, type Layer, type Scope } from "effect"
import type { Costs } from "./costs.ts"
import type { Capabilities } from "./capabilities.ts"
import type { ClientMemory } from "./client-memory.ts"
import type { HostError } from "./errors.ts"
import type { EventEncoded } from "./event.ts"
import type { LinkCounters, LinkFault, StorageFault } from "./fault.ts"
import type { FrameClassifier } from "./frame.ts"
import type { Json } from "./json.ts"
import type { SyncProvider } from "./sync-provider.ts"
import type { HookRecord } from "./test-application.ts"

/** Whether a provider can run on this machine now. */
export type Availability =
  | { readonly _tag: "Available" }
  /** `missing` is one line: what is not there and how to get it. */
  | { readonly _tag: "Unavailable"; readonly missing: string }

export const available: Availability = { _tag: "Available" }

/** What really ran, for reports and for the fingerprint that deviations are keyed by. */
export interface ProviderIdentity {
  readonly name: string
  readonly version: string
  /** Image digest, commit and dirty hash, workerd version: whatever tells two builds apart. */
  readonly detail?: string
}

/** How a provider is run under the harness: one record in the registry. */
export interface Provider {
  /** "cf-ws-do" */
  readonly key: string
  /** One line for people. */
  readonly title: string
  /** Which clock and scheduler its checks run on; the check code is the same. */
  readonly world: "virtual" | "real"
  readonly capabilities: Capabilities
  readonly availability: Effect.Effect<Availability>
  /** Starts a host. In the virtual world it is built inside each run; its scope stops everything. */
  readonly layer: Layer.Layer<ProviderHost, HostError>
}

/** One end of a byte connection in the virtual world: what a client dials and what a backend accepts. */
export interface VirtualSocket {
  /** Sends bytes (as text chunks); never waits. After a close it does nothing. */
  readonly send: (chunk: string) => void
  readonly close: () => void
  /** Called once; chunks that came before are handed over at once. */
  readonly onChunk: (listener: (chunk: string) => void) => void
  /** Called once the connection has ended, by either side or by the link. */
  readonly onClose: (listener: () => void) => void
}

/** Where a backend listens. The harness puts a link in front of it for every client. */
export type Endpoint =
  /** `target` is read at each new connection: a restarted backend may listen elsewhere. */
  | {
      readonly kind: "tcp"
      readonly protocol: "websocket" | "http"
      readonly target: () => { readonly host: string; readonly port: number }
    }
  /** The backend takes the far end of a virtual connection; false while it is down. */
  | { readonly kind: "virtual"; readonly accept: (socket: VirtualSocket) => boolean }
  /** Between client and backend there is no socket that a link could stand in: the host has links of its own. */
  | {
      readonly kind: "host"
      readonly openLink: (options: HostLinkOptions) => Effect.Effect<HostLink, HostError, Scope.Scope>
    }

export interface HostLinkOptions {
  readonly clientId: string
  /** Jitter is drawn from it, by keys that begin with the client. */
  readonly seed: number
  /** Told each time that something happened on the link. */
  readonly onEvent: () => void
}

/** A client's link inside a host. What it is asked takes hold in order with what its client is asked. */
export interface HostLink {
  readonly address: LinkAddress
  readonly fault: (fault: LinkFault) => {
    readonly bit: () => number
    readonly heal: () => void
    readonly release: () => void
  }
  readonly heal: () => void
  /** Cuts both ways for good. */
  readonly cut: () => void
  readonly counters: () => LinkCounters
  /** The last frames as short labels, oldest first. */
  readonly lastFrames: () => ReadonlyArray<string>
  /** Ends once everything that was asked of the link has taken hold. */
  readonly settled: Effect.Effect<void>
}

/** The near end of a client's link: where this client connects, instead of straight to the backend. */
export type LinkAddress =
  | { readonly kind: "tcp"; readonly host: string; readonly port: number }
  /** Undefined when the connection is refused. */
  | { readonly kind: "virtual"; readonly dial: () => VirtualSocket | undefined }
  /** A link inside the host, by the name that the host gave it. */
  | { readonly kind: "host"; readonly id: string }

export interface OpenArgs {
  readonly storeId: string
  readonly clientId: string
  /** Names the client's process: clients of different processes share nothing. Absent: nobody says. */
  readonly process?: string
  /** Absent when the client hands over no payload. */
  readonly payload?: Json
  readonly memory: ClientMemory
  /** Absent when the host offers no endpoint. */
  readonly link?: LinkAddress
}

/**
 * The backend's processes. Every member is optional: a missing one leaves its clauses unknown. Each effect
 * returns once it has taken hold; `instance` proves it.
 */
export interface BackendProcess {
  /** Ends the backend at once, without a farewell; it stays down until `start`. */
  readonly kill?: Effect.Effect<void, HostError>
  readonly start?: Effect.Effect<void, HostError>
  /** Orderly stop and start on the same storage. */
  readonly restart?: Effect.Effect<void, HostError>
  /** Freezes the backend; connections stay open and silent. */
  readonly pause?: Effect.Effect<void, HostError>
  readonly resume?: Effect.Effect<void, HostError>
  /** Takes one store's object out of memory; `hibernate` keeps its sockets, `close` ends them. */
  readonly evict?: (storeId: string, sockets: "hibernate" | "close") => Effect.Effect<void, HostError>
  /** Replaces the backend's code by a new version under connected clients. */
  readonly deploy?: Effect.Effect<void, HostError>
  /** Names the running incarnation of a store's backend: changes with kill, restart, evict, hibernate and deploy. */
  readonly instance: (storeId: string) => Effect.Effect<string, HostError>
  /** Names the incarnation without waking it: undefined while it sleeps. */
  readonly peekInstance?: (storeId: string) => Effect.Effect<string | undefined, HostError>
  /** Names the incarnations of a store's clients that live in objects of the platform and are awake, waking none. */
  readonly peekClients?: (storeId: string) => Effect.Effect<ReadonlyArray<string>, HostError>
  /** CPU time used by the backend's processes so far, in milliseconds. */
  readonly cpuMs?: Effect.Effect<number, HostError>
}

/** A fault that a host has put on and that stands. */
export interface StandingHostFault {
  /** How often it has changed something so far, read from what it was put on. */
  readonly bit: Effect.Effect<number, HostError>
  /** Takes it off; a second time it does nothing. */
  readonly heal: Effect.Effect<void, HostError>
}

/** What can be done to a store's data past the provider. */
export interface BackendStorage {
  /** A new life, orderly: log gone, a new backendId, connections may end. */
  readonly wipe?: (storeId: string) => Effect.Effect<void, HostError>
  /** The data is deleted beneath the running backend, which is told nothing. */
  readonly wipeBeneath?: (storeId: string) => Effect.Effect<void, HostError>
  /** Takes a snapshot now and gives back what restores it (the backend restarts on it). */
  readonly snapshot?: (storeId: string) => Effect.Effect<Effect.Effect<void, HostError>, HostError>
  /** Every statement fails until the returned effect is run. */
  readonly outage?: (storeId: string) => Effect.Effect<Effect.Effect<void, HostError>, HostError>
  /** The nth writing statement from now (1 is the next) fails once. */
  readonly failWrite?: (storeId: string, nth: number) => Effect.Effect<void, HostError>
  /** Puts on a fault of a kind that the capabilities declare ("storage.slow", …). */
  readonly fault?: (storeId: string, fault: StorageFault) => Effect.Effect<StandingHostFault, HostError>
  /** Faults of storage that took effect so far: outages and failing writes. Those put on by `fault` count for themselves. */
  readonly bit: (storeId: string) => Effect.Effect<number, HostError>
}

/** What can be done to clients that this host opened, past their provider. */
export interface ClientControls {
  /** Sets a client's wall clock forward, or with a negative number back. Its timers go on as they were. */
  readonly jumpClock?: (storeId: string, clientId: string, ms: number) => Effect.Effect<void, HostError>
  /** What a client's wall clock shows, in milliseconds. */
  readonly clockMs: (storeId: string, clientId: string) => Effect.Effect<number, HostError>
}

/** The test application behind the backend. */
export interface ApplicationHost {
  /** What the hooks of a store saw so far, in order. */
  readonly seen: (storeId: string) => Effect.Effect<ReadonlyArray<HookRecord>, HostError>
  /** From now on payloads `{ token: "revocable", id }` with this id are refused. */
  readonly revoke: (id: string) => Effect.Effect<void, HostError>
}

/** Numbers read off the backend for one store. Absent members cannot be counted there. */
export interface Gauges {
  /** Connections of clients to this store. */
  readonly sockets?: number
  /** Live pulls that are registered. */
  readonly subscriptions?: number
  /** Replication slots of the database, of whatever store. */
  readonly slots?: number
  /** Size of the largest state kept for one connection, in bytes. */
  readonly connectionStateBytes?: number
  /** Resident memory of the backend's processes, in bytes. */
  readonly memoryBytes?: number
}

/** The parts of a running provider. Only `open` and `identity` are required. */
export interface ProviderHostShape {
  readonly identity: Effect.Effect<ProviderIdentity, HostError>
  /** Makes one client. Everything it opens ends with the scope. It does not connect by itself. */
  readonly open: (args: OpenArgs) => Effect.Effect<SyncProvider, HostError, Scope.Scope>
  /** Clean state for everything this host holds: storage wiped, new backendIds. */
  readonly reset?: Effect.Effect<void, HostError>
  readonly endpoint?: Endpoint
  /** Makes a classifier for one connection. Without it no fault can be aimed at an operation. */
  readonly classify?: () => FrameClassifier
  readonly app?: ApplicationHost
  readonly process?: BackendProcess
  readonly storage?: BackendStorage
  readonly clients?: ClientControls
  /** Ground truth: the store's log read from storage, past the provider. */
  readonly inspect?: (storeId: string) => Effect.Effect<ReadonlyArray<EventEncoded>, HostError>
  readonly gauges?: (storeId: string) => Effect.Effect<Gauges, HostError>
  /** What a store has cost so far; nothing is judged by it. */
  readonly costs?: (storeId: string) => Effect.Effect<Costs, HostError>
  /** The last lines of the backend's log, for reports of stuck operations. */
  readonly logTail?: Effect.Effect<ReadonlyArray<string>>
  /** Each time so far that a process of the backend ended though nobody had told it to, with the end of its log. */
  readonly ownEnds?: Effect.Effect<ReadonlyArray<string>>
}

/** A running provider. */
export class ProviderHost extends Context.Service<ProviderHost, ProviderHostShape>()(
  "sync-gauntlet/contract/ProviderHost",
) {}

/**
 * Names of the parts that a check can need. One that the host does not offer makes the check unknown:
 * "add … to unlock N clauses".
 */
export const hostParts = [
  "reset",
  "endpoint",
  "classify",
  "app",
  "process.kill",
  "process.restart",
  "process.pause",
  "process.evict",
  "process.deploy",
  "process.peekInstance",
  "process.cpuMs",
  "storage.wipe",
  "storage.wipeBeneath",
  "storage.snapshot",
  "storage.outage",
  "storage.failWrite",
  "storage.fault",
  "clients.jumpClock",
  "inspect",
  "gauges",
] as const
export type HostPart = (typeof hostParts)[number]

/** Whether a host offers a part. */
export const offers = (host: ProviderHostShape, part: HostPart): boolean => {
  const [group, member] = part.split(".") as [keyof ProviderHostShape, string | undefined]
  const value = host[group] as Record<string, unknown> | undefined
  return value !== undefined && (member === undefined || value[member] !== undefined)
}
