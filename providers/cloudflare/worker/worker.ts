import { clientRoutes } from "./client-routes.ts"
import { keyOf } from "../form.ts"
import { awakeNow, costsOf, isolate, noFaults, recordOf } from "./isolate.ts"
import { noteRefusal } from "./note-refusal.ts"
import { abortedByHarness } from "./object-routes.ts"
import type { WorkerEnv } from "./platform.ts"

export { StoreObject } from "./store-object.ts"

/** The control socket of a client that is an object: the harness's way in. */
const controlSocket = async (request: Request, env: WorkerEnv, key: string): Promise<Response> => {
  if (env.CLIENT === undefined) return new Response("no client objects here", { status: 404 })
  return env.CLIENT.get(env.CLIENT.idFromName(key)).fetch(request)
}

/** Clients connect or post to `/sync/<hash of the store's name>`; the harness to `/__harness/…` with its token. */
export default {
  async fetch(request: Request, env: WorkerEnv): Promise<Response> {
    const { pathname } = new URL(request.url)
    if (pathname.startsWith("/__harness/")) return harness(request, env, pathname.slice("/__harness/".length))
    const key = /^\/sync\/([0-9a-f]{64})(?:\/held)?$/.exec(pathname)?.[1]
    if (key === undefined) return new Response("no such path", { status: 404 })
    if (request.method !== "POST" && request.headers.get("upgrade") !== "websocket") {
      return new Response("expected a WebSocket or a POST", { status: 426 })
    }
    return env.STORE.get(env.STORE.idFromName(key)).fetch(request)
  },
}

/** What a running Worker says of itself. */
export interface AboutWorker {
  /** Keys of the forms that clients may take. */
  readonly forms: ReadonlyArray<string>
  readonly boot: string
}

const about = (env: WorkerEnv): AboutWorker => {
  const storage = env.LOGS === undefined ? "do" : "d1"
  const transports = env.CLIENT === undefined ? (["ws", "http"] as const) : (["ws", "http", "do-rpc"] as const)
  return {
    forms: transports.map((transport) => keyOf({ transport, storage })),
    boot: env.VERSION?.id ?? env.BOOT ?? "unnamed",
  }
}

const harness = async (request: Request, env: WorkerEnv, path: string): Promise<Response> => {
  const token = request.headers.get("x-harness-token")
  if (env.HARNESS_TOKEN === undefined || token !== env.HARNESS_TOKEN) {
    noteRefusal("request refused: a route of the harness without its token")
    return new Response("forbidden", { status: 403 })
  }
  const [scope = "", route = ""] = path.split("/")
  if (scope === "about") return Response.json(about(env))
  if (scope === "revoke") return revoke(request, env)
  if (scope === "client") {
    const [, , key = ""] = path.split("/")
    return route === "control" ? controlSocket(request, env, key) : clientRoutes(request, env, route, key)
  }
  if (scope === "fired") return Response.json(isolate.fired + (await firedInClients(env)))
  if (scope === "forget") {
    isolate.revoked.clear()
    for (const { seen, faults } of isolate.stores.values()) {
      seen.length = 0
      Object.assign(faults, noFaults)
    }
    return Response.json({})
  }
  if (!/^[0-9a-f]{64}$/.test(scope)) return new Response("no such path", { status: 404 })
  const id = env.STORE.idFromName(scope)
  const record = recordOf(id.toString())
  switch (route) {
    case "seen":
      return Response.json(record.seen)
    case "peek":
      return Response.json({ instance: awakeNow(record) ?? null })
    case "costs":
      return Response.json(costsOf(record))
    case "faults":
      if (request.method === "POST") Object.assign(record.faults, await request.json())
      return Response.json(record.faults)
    default:
      return askObject(request, env, scope)
  }
}

/** What fired in a Worker of its own; what is in this one is counted already. */
const firedInClients = async ({ CLIENT_WORKER }: WorkerEnv): Promise<number> =>
  CLIENT_WORKER === undefined
    ? 0
    : Number(await (await CLIENT_WORKER.fetch(new Request("http://client/__harness/client/fired"))).text())

/** Asks an object; an abort that was asked for is its success. */
const askObject = async (request: Request, env: WorkerEnv, key: string): Promise<Response> => {
  try {
    return await env.STORE.get(env.STORE.idFromName(key)).fetch(request)
  } catch (error) {
    if (String(error).includes(abortedByHarness)) return Response.json({})
    return new Response(String(error), { status: 500 })
  }
}

/** Refuses a payload from now on, and lets every object of this isolate look at its connections again. */
const revoke = async (request: Request, env: WorkerEnv): Promise<Response> => {
  const { id, stores } = (await request.json()) as { readonly id: string; readonly stores: ReadonlyArray<string> }
  isolate.revoked.add(id)
  const ask = (key: string) =>
    askObject(new Request(`http://object/${key}/reauthorise`), env, key).then((answer) => answer.text())
  await Promise.all(stores.map(ask))
  return Response.json({})
}
