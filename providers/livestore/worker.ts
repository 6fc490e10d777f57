import { handleSyncRequest, matchSyncRequest, type CfTypes } from "@livestore/sync-cf/cf-worker"
import { clearFaults } from "./faulty-storage.ts"
import { forget, onConnect, revoke, seen } from "./hooks.ts"
import { awake, storeObject, type HarnessAction, type HarnessObject } from "./store-object.ts"

/** LiveStore's object with its log in its own SQLite. */
export class SyncBackendDO extends storeObject("do-sqlite") {}

/** LiveStore's object with its log in D1. */
export class SyncBackendD1 extends storeObject("d1") {}

interface Env {
  /** Objects of one of the two classes. */
  readonly SYNC_BACKEND_DO: CfTypes.DurableObjectNamespace
  /** Client objects, where clients call the backend's objects. */
  readonly CLIENT_DO?: CfTypes.DurableObjectNamespace
  /** Opens the harness's own routes. */
  readonly HARNESS_TOKEN: string
}

/** What the harness asks over HTTP: of one store's object, or of the application behind all of them. */
export type HarnessRequest =
  | { readonly forget: true }
  | { readonly storeId: string; readonly action: HarnessAction }
  | { readonly seen: string }
  | { readonly peek: string }
  | { readonly revoke: string }

const harness = async (request: CfTypes.Request, env: Env): Promise<unknown> => {
  const client = new URL(request.url).searchParams.get("client")
  if (client !== null) {
    const clients = env.CLIENT_DO
    return clients === undefined
      ? new Response("no client objects here", { status: 404 })
      : clients.get(clients.idFromName(client)).fetch(request)
  }
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
    const stub = namespace.get(namespace.idFromName(asked.storeId)) as unknown as HarnessObject
    return stub.harness(action, asked.storeId)
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
