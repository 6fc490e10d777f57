import { awakeNow, clientRecordOf, costsOf, isolate } from "./isolate.ts"
import type { WorkerEnv } from "./platform.ts"

/**
 * The harness's routes about client objects: `peek/<key>` tells which incarnation is awake, `costs/<key>` what
 * it cost so far, `fired` how often a planted bug made something wrong here. They are asked in the Worker that the objects are in.
 */
export const clientRoutes = (request: Request, env: WorkerEnv, route: string, key: string): Promise<Response> => {
  if (env.CLIENT_WORKER !== undefined) return env.CLIENT_WORKER.fetch(request)
  return Promise.resolve(answer(env, route, key))
}

const answer = (env: WorkerEnv, route: string, key: string): Response => {
  if (route === "fired") return Response.json(isolate.fired)
  if (env.CLIENT === undefined) return new Response("no such path", { status: 404 })
  const record = clientRecordOf(env.CLIENT.idFromName(key).toString())
  if (route === "peek") return Response.json({ instance: awakeNow(record) ?? null })
  if (route === "costs") return Response.json(costsOf(record))
  return new Response("no such path", { status: 404 })
}
