import {
  handleSyncRequest,
  makeDurableObject,
  matchSyncRequest,
  type CfTypes,
  type DoState,
} from "@livestore/sync-cf/cf-worker"
import { clearFaults, faultsOf, withFaults } from "./faulty-storage.ts"
import { forget, onConnect, onPull, onPush, revoke, seen } from "./hooks.ts"
import { readLog, restore, takeSnapshot, type Snapshot } from "./stored-log.ts"

/** The objects of this isolate that are in memory, and some that are not any more. */
const awake = new Map<string, WeakRef<SyncBackendDO>>()

interface Env {
  readonly SYNC_BACKEND_DO: CfTypes.DurableObjectNamespace<SyncBackendDO>
  /** Opens the harness's own routes. */
  readonly HARNESS_TOKEN: string
}

/**
 * LiveStore's Durable Object with methods of the harness beside its own; none of its code is changed. Its SQLite is
 * the platform's unless the harness lets statements fail.
 */
export class SyncBackendDO extends makeDurableObject({ onPush, onPull }) {
  readonly #state: DoState
  readonly instance = crypto.randomUUID()

  constructor(state: DoState, env: object) {
    super(state, env)
    this.#state = state
    awake.set(state.id.toString(), new WeakRef(this))
    Object.defineProperty(this, "ctx", { value: withFaults(state, () => faultsOf(state.id.toString())) })
  }

  /** What the harness asks of one store's object. */
  async harness(action: HarnessAction): Promise<unknown> {
    const faults = faultsOf(this.#state.id.toString())
    switch (action.do) {
      case "instance":
        return this.instance
      case "inspect":
        return readLog(this.#state.storage.sql)
      case "gauges":
        return gauges(this.#state)
      case "drain":
        for (const socket of this.#state.getWebSockets()) socket.close(1012, "the backend restarts")
        return
      case "end":
        return this.#state.abort("ended by the harness")
      case "wipe":
        return this.#replace([])
      case "wipeBeneath":
        await this.#state.storage.deleteAll()
        return
      case "snapshot":
        return takeSnapshot(this.#state.storage.sql)
      case "restore":
        return this.#replace(action.snapshot)
      case "outage":
        faults.out = action.on
        return
      case "failWrite":
        faults.failWriteIn = action.nth
        return
      case "bit":
        return faults.bit
    }
  }

  /** Puts other data in place of its own and ends this incarnation, so that nothing of it meets the new data. */
  async #replace(snapshot: Snapshot): Promise<never> {
    return this.#state.blockConcurrencyWhile(async () => {
      await this.#state.storage.deleteAll()
      restore(this.#state.storage.sql, snapshot)
      await this.#state.storage.sync()
      return this.#state.abort("its data was replaced") as never
    })
  }
}

/** Actions on one store's object, and on the application behind all of them. */
export type HarnessAction =
  | { readonly do: "instance" | "inspect" | "gauges" | "drain" | "end" | "wipe" | "wipeBeneath" | "snapshot" | "bit" }
  | { readonly do: "restore"; readonly snapshot: Snapshot }
  | { readonly do: "outage"; readonly on: boolean }
  | { readonly do: "failWrite"; readonly nth: number }
export type HarnessRequest =
  | { readonly forget: true }
  | { readonly storeId: string; readonly action: HarnessAction }
  | { readonly seen: string }
  | { readonly peek: string }
  | { readonly revoke: string }

const gauges = (state: DoState) => {
  const sockets = state.getWebSockets()
  const attachments = sockets.map((socket) => String(socket.deserializeAttachment() ?? ""))
  return {
    sockets: sockets.length,
    // LiveStore keeps the ids of a socket's pulls in its attachment.
    subscriptions: attachments.reduce((sum, attachment) => sum + pullIds(attachment), 0),
    connectionStateBytes: Math.max(0, ...attachments.map((attachment) => new TextEncoder().encode(attachment).length)),
  }
}

const pullIds = (attachment: string): number => {
  const { pullRequestIds } = JSON.parse(attachment) as { readonly pullRequestIds?: ReadonlyArray<string> }
  return pullRequestIds?.length ?? 0
}

const harness = async (request: CfTypes.Request, env: Env): Promise<Response> => {
  const asked = (await request.json()) as HarnessRequest
  if ("seen" in asked) return Response.json(seen(asked.seen))
  if ("peek" in asked) return Response.json(peek(env, asked.peek))
  if ("revoke" in asked) return Response.json(revoke(asked.revoke) ?? null)
  if ("forget" in asked) {
    forget()
    clearFaults()
    return Response.json(null)
  }
  const ask = (action: HarnessAction): Promise<unknown> => {
    const namespace = env.SYNC_BACKEND_DO
    const stub = namespace.get(namespace.idFromName(asked.storeId)) as unknown as Pick<SyncBackendDO, "harness">
    return stub.harness(action)
  }
  if (endings.has(asked.action.do)) return Response.json(await ended(ask, asked.action))
  return Response.json((await ask(asked.action)) ?? null)
}

/** The instance of a store's object if it is in memory; it is not woken. */
const peek = (env: Env, storeId: string): string | null => {
  // Only a collected object leaves its reference empty.
  ;(globalThis as { gc?: () => void }).gc?.()
  return awake.get(env.SYNC_BACKEND_DO.idFromName(storeId).toString())?.deref()?.instance ?? null
}

const endings: ReadonlySet<HarnessAction["do"]> = new Set(["end", "wipe", "restore"])

/** An object that ends itself cannot answer: the next incarnation proves that it did. */
const ended = async (ask: (action: HarnessAction) => Promise<unknown>, action: HarnessAction): Promise<null> => {
  const before = await ask({ do: "instance" })
  const answer = await ask(action).catch((error: unknown) => String(error))
  if ((await ask({ do: "instance" })) === before) throw new Error(`${action.do} did not take hold: ${String(answer)}`)
  return null
}

export default {
  fetch: (request: CfTypes.Request, env: Env, ctx: CfTypes.ExecutionContext): unknown => {
    if (request.headers.get("x-gauntlet-token") === env.HARNESS_TOKEN) return harness(request, env)
    const searchParams = matchSyncRequest(request)
    if (searchParams === undefined) return new Response("not a sync request", { status: 400 })
    return handleSyncRequest({
      request,
      searchParams,
      env,
      ctx,
      syncBackendBinding: "SYNC_BACKEND_DO" as never,
      validatePayload: onConnect,
    })
  },
}
