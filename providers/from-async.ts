import { Effect, Layer, type Scope } from "effect"
import type { AsyncClientMemory, AsyncOpenArgs, AsyncSyncProvider } from "../contract/async.ts"
import { defaultCapabilities, type Capabilities } from "../contract/capabilities.ts"
import type { ClientMemory } from "../contract/client-memory.ts"
import { HostError } from "../contract/errors.ts"
import { available, ProviderHost, type OpenArgs, type Provider, type ProviderHostShape } from "../contract/provider.ts"
import type { SyncProvider } from "../contract/sync-provider.ts"
import { bridgeAsync, type BridgeOptions } from "./async-bridge.ts"
import { messageOf } from "./async-errors.ts"
import { hostPartsOf, hostTry, type AsyncHost } from "./async-host.ts"

/** Capabilities as an author writes them: what is left out has the contract's default. */
export type CapabilitiesInput = {
  readonly [K in keyof Capabilities]?: Capabilities[K] extends number | string | ReadonlyArray<unknown> | undefined
    ? Capabilities[K]
    : Partial<Capabilities[K]>
}

interface FromAsyncCommon {
  readonly key: string
  /** One line for people. */
  readonly title: string
  readonly capabilities?: CapabilitiesInput
  /** Says what is missing on this machine and how to get it; undefined when nothing is. */
  readonly missing?: () => Promise<string | undefined>
}

/** A host that this provider starts itself: `stop` ends all of it. */
export type StartedHost = AsyncHost & { readonly stop?: () => Promise<void> }

/** A provider written with promises: `open` alone where the backend runs anyway, `start` where it has to be started. */
export type FromAsyncOptions = FromAsyncCommon & (AsyncHost | { readonly start: () => Promise<StartedHost> })

/**
 * Makes a provider from promises and async iterables.
 *
 * ```ts
 * export default fromAsync({
 *   key: "mine",
 *   title: "My provider",
 *   endpoint: { protocol: "websocket", target: () => ({ host: "127.0.0.1", port: 8787 }) },
 *   open: async ({ storeId, address }) => new MyClient(`ws://${address?.host}:${address?.port}/${storeId}`),
 * })
 * ```
 */
export const fromAsync = (options: FromAsyncOptions): Provider => ({
  key: options.key,
  title: options.title,
  world: "real",
  capabilities: withDefaults(options.capabilities ?? {}),
  availability: Effect.gen(function* () {
    const missing = yield* Effect.tryPromise({ try: async () => options.missing?.(), catch: messageOf }).pipe(
      Effect.catch((message) => Effect.succeed(`its own check for what is missing failed: ${message}`)),
    )
    return missing === undefined ? available : { _tag: "Unavailable", missing }
  }),
  layer: Layer.effect(ProviderHost, hostOf(options)),
})

type Address = NonNullable<AsyncOpenArgs["address"]>

/**
 * Opens one client of a provider without Effect. A client that `open` gives after this was interrupted is closed at
 * once; a rejection is a `HostError`. `address` is the backend's own, for a client without a link.
 */
export const openAsync = (
  open: (args: AsyncOpenArgs) => Promise<AsyncSyncProvider>,
  args: OpenArgs,
  options: BridgeOptions & { readonly address?: Address } = {},
): Effect.Effect<SyncProvider, HostError, Scope.Scope> =>
  opening(() => open(asyncOpenArgs(args, options.address))).pipe(
    Effect.flatMap((provider) => bridgeAsync(provider, options)),
    Effect.catchDefect((defect) => Effect.fail(new HostError({ message: `open failed: ${messageOf(defect)}` }))),
  )

const opening = (open: () => Promise<AsyncSyncProvider>): Effect.Effect<AsyncSyncProvider, HostError> =>
  Effect.callback<AsyncSyncProvider, HostError>((resume) => {
    let gone = false
    const opened = async (): Promise<void> => {
      const provider = await open()
      if (gone) await provider.close()
      else resume(Effect.succeed(provider))
    }
    opened().catch((thrown) => resume(Effect.fail(new HostError({ message: `open failed: ${messageOf(thrown)}` }))))
    return Effect.sync(() => {
      gone = true
    })
  })

const asyncOpenArgs = (args: OpenArgs, direct: Address | undefined): AsyncOpenArgs => {
  const address = args.link?.kind === "tcp" ? { host: args.link.host, port: args.link.port } : direct
  return {
    storeId: args.storeId,
    clientId: args.clientId,
    memory: asyncMemory(args.memory),
    ...(args.payload === undefined ? {} : { payload: args.payload }),
    ...(address === undefined ? {} : { address }),
  }
}

const asyncMemory = (memory: ClientMemory): AsyncClientMemory => ({
  get: (key) => Effect.runPromise(memory.get(key)),
  set: (key, value) => Effect.runPromise(memory.set(key, value)),
  remove: (key) => Effect.runPromise(memory.remove(key)),
})

const hostOf = (options: FromAsyncOptions): Effect.Effect<ProviderHostShape, HostError, Scope.Scope> =>
  Effect.gen(function* () {
    const host = "start" in options ? yield* started(options.start) : options
    const closeProblems: Array<string> = []
    const parts = hostPartsOf(host)
    const { identity } = host
    return {
      ...parts,
      identity: identity ? hostTry(identity) : Effect.succeed({ name: options.key, version: "unknown" }),
      open: (args) =>
        openAsync(host.open, args, {
          ...(host.endpoint && { address: host.endpoint.target() }),
          ...(host.interruption && { interruption: host.interruption }),
          onCloseProblem: (problem) => closeProblems.push(`client ${args.clientId}: ${problem}`),
        }),
      logTail: Effect.map(parts.logTail ?? Effect.succeed([]), (lines) => [...lines, ...closeProblems.slice(-20)]),
    }
  })

const started = (start: () => Promise<StartedHost>): Effect.Effect<StartedHost, HostError, Scope.Scope> =>
  Effect.acquireRelease(hostTry(start), ({ stop }) => (stop ? Effect.ignore(hostTry(stop)) : Effect.void))

const withDefaults = (input: CapabilitiesInput): Capabilities => ({
  ...defaultCapabilities,
  ...input,
  limits: { ...defaultCapabilities.limits, ...input.limits },
  times: { ...defaultCapabilities.times, ...input.times },
  supports: { ...defaultCapabilities.supports, ...input.supports },
})
