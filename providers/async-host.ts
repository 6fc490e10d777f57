import { Effect } from "effect"
import { HostError } from "../contract/errors.ts"
import type { AsyncOpenArgs, AsyncSyncProvider } from "../contract/async.ts"
import type { EventEncoded } from "../contract/event.ts"
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
  }
  readonly inspect?: (storeId: string) => Promise<ReadonlyArray<EventEncoded>>
  readonly gauges?: (storeId: string) => Promise<Gauges>
  readonly logTail?: () => Promise<ReadonlyArray<string>>
}

/** Runs one promise of a host; whatever it throws is a `HostError` that says what was tried. */
export const hostTry = <A>(what: string, run: () => Promise<A>): Effect.Effect<A, HostError> =>
  Effect.tryPromise({
    try: async () => run(),
    catch: (thrown) => new HostError({ message: `${what} failed: ${messageOf(thrown)}` }),
  })

/** Everything of a host but the parts that it must have. */
export type HostParts = Omit<ProviderHostShape, "open" | "identity">

/** Parts with promises as parts of the contract's host. */
export const hostPartsOf = (parts: Omit<AsyncHost, "open">): HostParts => {
  const { endpoint, classify, reset, inspect, gauges, logTail } = parts
  return {
    ...(endpoint && { endpoint: { kind: "tcp", ...endpoint } }),
    ...(classify && { classify }),
    ...(reset && { reset: hostTry("reset", reset) }),
    ...(parts.app && { app: appOf(parts.app) }),
    ...(parts.process && { process: processOf(parts.process) }),
    ...(parts.storage && { storage: storageOf(parts.storage) }),
    ...(inspect && { inspect: (storeId) => hostTry("inspect", () => inspect(storeId)) }),
    ...(gauges && { gauges: (storeId) => hostTry("gauges", () => gauges(storeId)) }),
    ...(logTail && { logTail: hostTry("logTail", logTail).pipe(Effect.catch(() => Effect.succeed([]))) }),
  }
}

const appOf = (app: NonNullable<AsyncHost["app"]>): NonNullable<ProviderHostShape["app"]> => ({
  seen: (storeId) => hostTry("app.seen", () => app.seen(storeId)),
  revoke: (id) => hostTry("app.revoke", () => app.revoke(id)),
})

const processOf = (parts: NonNullable<AsyncHost["process"]>): NonNullable<ProviderHostShape["process"]> => {
  const { kill, start, restart, pause, resume, evict, deploy, peekInstance, cpuMs } = parts
  return {
    instance: (storeId) => hostTry("process.instance", () => parts.instance(storeId)),
    ...(kill && { kill: hostTry("process.kill", kill) }),
    ...(start && { start: hostTry("process.start", start) }),
    ...(restart && { restart: hostTry("process.restart", restart) }),
    ...(pause && { pause: hostTry("process.pause", pause) }),
    ...(resume && { resume: hostTry("process.resume", resume) }),
    ...(evict && { evict: (storeId, sockets) => hostTry("process.evict", () => evict(storeId, sockets)) }),
    ...(deploy && { deploy: hostTry("process.deploy", deploy) }),
    ...(peekInstance && {
      peekInstance: (storeId) => hostTry("process.peekInstance", () => peekInstance(storeId)),
    }),
    ...(cpuMs && { cpuMs: hostTry("process.cpuMs", cpuMs) }),
  }
}

const storageOf = (parts: NonNullable<AsyncHost["storage"]>): NonNullable<ProviderHostShape["storage"]> => {
  const { wipe, wipeBeneath, snapshot, outage, failWrite } = parts
  const undoable = (what: string, undo: () => Promise<void>): Effect.Effect<void, HostError> => hostTry(what, undo)
  return {
    bit: (storeId) => hostTry("storage.bit", () => parts.bit(storeId)),
    ...(wipe && { wipe: (storeId) => hostTry("storage.wipe", () => wipe(storeId)) }),
    ...(wipeBeneath && { wipeBeneath: (storeId) => hostTry("storage.wipeBeneath", () => wipeBeneath(storeId)) }),
    ...(snapshot && {
      snapshot: (storeId) =>
        Effect.map(
          hostTry("storage.snapshot", () => snapshot(storeId)),
          (restore) => undoable("storage.snapshot's restore", restore),
        ),
    }),
    ...(outage && {
      outage: (storeId) =>
        Effect.map(
          hostTry("storage.outage", () => outage(storeId)),
          (end) => undoable("storage.outage's end", end),
        ),
    }),
    ...(failWrite && {
      failWrite: (storeId, nth) => hostTry("storage.failWrite", () => failWrite(storeId, nth)),
    }),
  }
}
