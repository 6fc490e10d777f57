import { Effect } from "effect"
import { HostError } from "../contract/errors.ts"
import type { AsyncOpenArgs, AsyncSyncProvider } from "../contract/async.ts"
import type { EventEncoded } from "../contract/event.ts"
import type { StorageFault } from "../contract/fault.ts"
import type { FrameClassifier } from "../contract/frame.ts"
import type { Gauges, ProviderHostShape, ProviderIdentity } from "../contract/provider.ts"
import type { HookRecord } from "../contract/test-application.ts"
import type { Interruption } from "./async-bridge.ts"
import { messageOf } from "./async-errors.ts"

/**
 * A host with promises; each part has the meaning of its namesake in the contract. Only `open` is required: a missing
 * part leaves its clauses unknown.
 */
export interface AsyncHost {
  /** Makes one client of one store. It does not connect by itself. */
  readonly open: (args: AsyncOpenArgs) => Promise<AsyncSyncProvider>
  /** Default `at-once`. `settled` for a provider whose own runtime interrupts: how long that takes then shows. */
  readonly interruption?: Interruption
  /** What really runs; without it reports say the provider's key and "unknown". */
  readonly identity?: () => Promise<ProviderIdentity>
  /** Where the backend listens; read again at each connection. With it the harness puts a link before every client. */
  readonly endpoint?: {
    readonly protocol: "websocket" | "http"
    readonly target: () => { readonly host: string; readonly port: number }
  }
  readonly classify?: () => FrameClassifier
  readonly reset?: () => Promise<void>
  readonly app?: {
    readonly seen: (storeId: string) => Promise<ReadonlyArray<HookRecord>>
    readonly revoke: (id: string) => Promise<void>
  }
  readonly process?: {
    readonly instance: (storeId: string) => Promise<string>
    readonly kill?: () => Promise<void>
    readonly start?: () => Promise<void>
    readonly restart?: () => Promise<void>
    readonly pause?: () => Promise<void>
    readonly resume?: () => Promise<void>
    readonly evict?: (storeId: string, sockets: "hibernate" | "close") => Promise<void>
    readonly deploy?: () => Promise<void>
    readonly peekInstance?: (storeId: string) => Promise<string | undefined>
    readonly cpuMs?: () => Promise<number>
  }
  readonly storage?: {
    readonly bit: (storeId: string) => Promise<number>
    readonly wipe?: (storeId: string) => Promise<void>
    readonly wipeBeneath?: (storeId: string) => Promise<void>
    /** Gives back what restores the snapshot. */
    readonly snapshot?: (storeId: string) => Promise<() => Promise<void>>
    /** Gives back what ends the outage. */
    readonly outage?: (storeId: string) => Promise<() => Promise<void>>
    readonly failWrite?: (storeId: string, nth: number) => Promise<void>
    /** Puts on a fault of a kind that the capabilities declare. */
    readonly fault?: (storeId: string, fault: StorageFault) => Promise<AsyncHostFault>
  }
  readonly clients?: {
    readonly clockMs: (storeId: string, clientId: string) => Promise<number>
    readonly jumpClock?: (storeId: string, clientId: string, ms: number) => Promise<void>
  }
  readonly inspect?: (storeId: string) => Promise<ReadonlyArray<EventEncoded>>
  readonly gauges?: (storeId: string) => Promise<Gauges>
  readonly logTail?: () => Promise<ReadonlyArray<string>>
}

/** A fault that stands, with promises. */
export interface AsyncHostFault {
  readonly bit: () => Promise<number>
  readonly heal: () => Promise<void>
}

/** Runs one promise of a host; whatever it throws is a `HostError` with its message. */
export const hostTry = <A>(run: () => Promise<A>): Effect.Effect<A, HostError> =>
  Effect.tryPromise({
    try: async () => run(),
    catch: (thrown) => new HostError({ message: messageOf(thrown) }),
  })

/** Everything of a host but the parts that it must have. */
export type HostParts = Omit<ProviderHostShape, "open" | "identity">

/** Parts with promises as parts of the contract's host. */
export const hostPartsOf = (parts: Omit<AsyncHost, "open">): HostParts => {
  const { endpoint, classify, reset, inspect, gauges, logTail } = parts
  return {
    ...(endpoint && { endpoint: { kind: "tcp", ...endpoint } }),
    ...(classify && { classify }),
    ...(reset && { reset: hostTry(reset) }),
    ...(parts.app && { app: appOf(parts.app) }),
    ...(parts.process && { process: processOf(parts.process) }),
    ...(parts.storage && { storage: storageOf(parts.storage) }),
    ...(parts.clients && { clients: clientsOf(parts.clients) }),
    ...(inspect && { inspect: (storeId) => hostTry(() => inspect(storeId)) }),
    ...(gauges && { gauges: (storeId) => hostTry(() => gauges(storeId)) }),
    ...(logTail && { logTail: hostTry(logTail).pipe(Effect.catch(() => Effect.succeed([]))) }),
  }
}

const appOf = (app: NonNullable<AsyncHost["app"]>): NonNullable<ProviderHostShape["app"]> => ({
  seen: (storeId) => hostTry(() => app.seen(storeId)),
  revoke: (id) => hostTry(() => app.revoke(id)),
})

const processOf = (parts: NonNullable<AsyncHost["process"]>): NonNullable<ProviderHostShape["process"]> => {
  const { kill, start, restart, pause, resume, evict, deploy, peekInstance, cpuMs } = parts
  return {
    instance: (storeId) => hostTry(() => parts.instance(storeId)),
    ...(kill && { kill: hostTry(kill) }),
    ...(start && { start: hostTry(start) }),
    ...(restart && { restart: hostTry(restart) }),
    ...(pause && { pause: hostTry(pause) }),
    ...(resume && { resume: hostTry(resume) }),
    ...(evict && { evict: (storeId, sockets) => hostTry(() => evict(storeId, sockets)) }),
    ...(deploy && { deploy: hostTry(deploy) }),
    ...(peekInstance && {
      peekInstance: (storeId) => hostTry(() => peekInstance(storeId)),
    }),
    ...(cpuMs && { cpuMs: hostTry(cpuMs) }),
  }
}

const storageOf = (parts: NonNullable<AsyncHost["storage"]>): NonNullable<ProviderHostShape["storage"]> => {
  const { wipe, wipeBeneath, snapshot, outage, failWrite, fault } = parts
  return {
    bit: (storeId) => hostTry(() => parts.bit(storeId)),
    ...(wipe && { wipe: (storeId) => hostTry(() => wipe(storeId)) }),
    ...(wipeBeneath && { wipeBeneath: (storeId) => hostTry(() => wipeBeneath(storeId)) }),
    ...(snapshot && {
      snapshot: (storeId) =>
        Effect.map(
          hostTry(() => snapshot(storeId)),
          (restore) => hostTry(restore),
        ),
    }),
    ...(outage && {
      outage: (storeId) =>
        Effect.map(
          hostTry(() => outage(storeId)),
          (end) => hostTry(end),
        ),
    }),
    ...(failWrite && {
      failWrite: (storeId, nth) => hostTry(() => failWrite(storeId, nth)),
    }),
    ...(fault && {
      fault: (storeId, kind) =>
        Effect.map(
          hostTry(() => fault(storeId, kind)),
          ({ bit, heal }) => ({ bit: hostTry(bit), heal: hostTry(heal) }),
        ),
    }),
  }
}

const clientsOf = (parts: NonNullable<AsyncHost["clients"]>): NonNullable<ProviderHostShape["clients"]> => {
  const { clockMs, jumpClock } = parts
  return {
    clockMs: (storeId, clientId) => hostTry(() => clockMs(storeId, clientId)),
    ...(jumpClock && {
      jumpClock: (storeId, clientId, ms) => hostTry(() => jumpClock(storeId, clientId, ms)),
    }),
  }
}
