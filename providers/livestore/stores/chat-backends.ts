import { makeMockSyncBackend } from "@livestore/common/sync"
import { makeHttpSync, makeWsSync } from "@livestore/sync-cf/client"
import type { SyncBackend } from "@livestore/common"
import { Effect, Exit, Scope } from "effect"
import type { AsyncSyncProvider } from "../../../contract/async.ts"
import type { LinkAddress, Provider } from "../../../contract/provider.ts"
import { toAsync, type AsyncProvider, type ToAsyncOptions } from "../../to-async.ts"
import { toSyncBackend } from "../to-sync-backend.ts"
import type { ChatBackend } from "./chat-lab.ts"

/** A backend that a chat runs over, until it is stopped. */
export interface RunningBackend extends ChatBackend {
  /** The host behind it; absent for LiveStore's mock. */
  readonly host?: AsyncProvider
  /** Of one that was made to do something wrong once: it does so next. */
  readonly arm?: () => void
  readonly stop: () => Promise<void>
}

/** Changes the clients of a member. */
type Meddle = (name: string, client: AsyncSyncProvider) => AsyncSyncProvider

/** Any provider here under real stores. */
export const overProvider = async (
  provider: Provider,
  options: ToAsyncOptions = {},
  meddle: Meddle = (_name, client) => client,
): Promise<RunningBackend> => {
  const host = await toAsync(provider, options)
  return {
    host,
    stop: host.stop,
    connect: async (name, storeId) => {
      const link = await host.openLink(name)
      return { link, make: toSyncBackend(async (args) => meddle(name, await host.open({ ...args, storeId }, link))) }
    },
  }
}

/**
 * LiveStore's published clients as their apps use them, with nothing between them and the store; its options are those
 * under which the suites test it.
 */
export const overLivestore = async (provider: Provider, transport: "ws" | "http"): Promise<RunningBackend> => {
  const host = await toAsync(provider)
  return {
    host,
    stop: host.stop,
    connect: async (name, storeId) => {
      const link = await host.openLink(name)
      const url = urlOf(link.address)
      const make =
        transport === "ws"
          ? makeWsSync({ url, ping: { requestInterval: 3_000, requestTimeout: 4_500 } })
          : makeHttpSync({
              url,
              livePull: { pollInterval: 1_500 },
              ping: { requestInterval: 2_000, requestTimeout: 2_000 },
            })
      return { link, make: inStore(make as unknown as SyncBackend.SyncBackendConstructor, storeId) }
    },
  }
}

/** LiveStore's published mock, one backend for each store. */
export const overLivestoreMock = async (): Promise<RunningBackend> => {
  const scope = Effect.runSync(Scope.make())
  const backends = new Map<string, Promise<SyncBackend.SyncBackendConstructor>>()
  return {
    stop: () => Effect.runPromise(Scope.close(scope, Exit.void)),
    connect: async (_name, storeId) => {
      const made =
        backends.get(storeId) ??
        Effect.runPromise(Scope.extend(makeMockSyncBackend(), scope)).then((mock) => () => mock.makeSyncBackend)
      backends.set(storeId, made)
      return { make: await made }
    },
  }
}

const inStore =
  (make: SyncBackend.SyncBackendConstructor, storeId: string): SyncBackend.SyncBackendConstructor =>
  (args) =>
    make({ ...args, storeId })

const urlOf = (address: LinkAddress): string => {
  if (address.kind !== "tcp") throw new Error("LiveStore's clients need a port to connect to")
  return `http://${address.host}:${address.port}`
}

/** A healthy provider of which one thing goes wrong, once, for the member a, after `arm`. */
export const overMeddled = async (
  provider: Provider,
  wrong: keyof typeof meddling,
  options: ToAsyncOptions = {},
): Promise<RunningBackend> => {
  let armed = false
  /** True once after each `arm`. */
  const now = (): boolean => {
    const was = armed
    armed = false
    return was
  }
  const meddle = meddling[wrong](now)
  const backend = await overProvider(provider, options, (name, client) => (name === "a" ? meddle(client) : client))
  return { ...backend, arm: () => (armed = true) }
}

type Wrong = (now: () => boolean) => (client: AsyncSyncProvider) => AsyncSyncProvider

/** The next item of a live pull is followed by an unknown error. */
const failingPull: Wrong = (now) => (client) => ({
  ...client,
  pull: async function* (cursor, options, signal) {
    for await (const item of client.pull(cursor, options, signal)) {
      yield item
      if (now()) throw { _tag: "UnknownError", message: "the pull failed once" }
    }
  },
})

/** The next push is told ServerAhead, though nobody else has pushed and nothing comes to pull. */
const falseAhead: Wrong = (now) => (client) => ({
  ...client,
  push: async (batch, signal) => {
    const providedParent = batch[0]?.parentSeqNum ?? 0
    if (now()) throw { _tag: "ServerAhead", head: providedParent + 1, providedParent }
    return client.push(batch, signal)
  },
})

const meddling = { "failing-pull": failingPull, "false-ahead": falseAhead }
