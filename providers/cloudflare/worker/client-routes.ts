import { clientRecordOf, isolate } from "./isolate.ts"
import { platform, type WorkerEnv } from "./platform.ts"

/**
 * The harness's routes about client objects: `peek/<key>` tells which incarnation is awake, `fired` how often a
 * planted bug made something wrong here. They are asked in the Worker that the objects are in.
 */
export const clientRoutes = (request: Request, env: WorkerEnv, route: string, key: string): Promise<Response> => {
  if (env.CLIENT_WORKER !== undefined) return env.CLIENT_WORKER.fetch(request)
  return Promise.resolve(answer(env, route, key))
}

const answer = (env: WorkerEnv, route: string, key: string): Response => {
  if (route === "fired") return Response.json(isolate.fired)
  if (route !== "peek" || env.CLIENT === undefined) return new Response("no such path", { status: 404 })
  platform.gc?.()
  const { awake } = clientRecordOf(env.CLIENT.idFromName(key).toString())
  return Response.json({ instance: awake?.deref()?.instance ?? null })
}
