import { clientRoutes } from "./client-routes.ts"
import type { WorkerEnv } from "./platform.ts"

export { ClientObject } from "./client-object.ts"

/** A Worker of its own for client objects, apart from the one of the stores. Only that one asks it anything. */
export default {
  fetch(request: Request, env: WorkerEnv): Promise<Response> {
    const [route = "", key = ""] = new URL(request.url).pathname.replace("/__harness/client/", "").split("/")
    return clientRoutes(request, env, route, key)
  },
}
