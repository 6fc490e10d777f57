import { Effect } from "effect"
import { HostError } from "../../contract/errors.ts"
import type { BackendProcess } from "../../contract/provider.ts"
import { processUsage } from "../cloudflare/process-usage.ts"
import type { ElectricPair } from "./pair.ts"
import type { PushApiProcess } from "./push-api/start-push-api.ts"

const electricMs = 10_000

/** What can be done to the processes: all of them at once, the push API alone, and one store's shape in Electric. */
export const hostProcess = (parts: {
  readonly pair: ElectricPair
  readonly api: PushApiProcess
  /** The table of a store's log as Electric names it; made where there is none. */
  readonly tableOf: (storeId: string) => Promise<string>
  /** Reads what only the running process knows, before it ends in order. */
  readonly beforeEnd: Effect.Effect<void>
}): BackendProcess => {
  const { pair, api, tableOf, beforeEnd } = parts
  const both = pair.process

  const askElectric = (method: "GET" | "DELETE", storeId: string) =>
    Effect.tryPromise({
      try: async () => {
        const table = await tableOf(storeId)
        const { url, secret } = pair.electric()
        const asked = new URL("/v1/shape", url)
        asked.searchParams.set("table", table)
        if (method === "GET") asked.searchParams.set("offset", "-1")
        if (secret !== undefined) asked.searchParams.set("secret", secret)
        const signal = AbortSignal.timeout(electricMs)
        const response = await fetch(asked, { method, signal, headers: { connection: "close" } })
        const text = await response.text()
        return { status: response.status, handle: response.headers.get("electric-handle") ?? "none", text }
      },
      catch: (error) => new HostError({ message: `Electric could not be asked for the shape: ${String(error)}` }),
    })

  const endApi = Effect.andThen(beforeEnd, api.stop)
  return {
    ...(both === undefined
      ? {}
      : {
          kill: Effect.asVoid(Effect.all([api.kill, both.kill], { concurrency: "unbounded" })),
          start: Effect.andThen(both.start, api.start),
          restart: Effect.andThen(Effect.andThen(endApi, both.stop), Effect.andThen(both.start, api.start)),
          pause: Effect.andThen(api.pause, both.pause),
          resume: Effect.andThen(both.resume, api.resume),
          cpuMs: Effect.sync(() =>
            [...both.pids(), ...[api.pid() ?? []].flat()].reduce((sum, pid) => sum + processUsage(pid).cpuMs, 0),
          ),
        }),
    // What Electric keeps of one store is its shape: without it every client is told to fetch anew.
    ...(pair.deletesShapes === false
      ? {}
      : {
          evict: (storeId: string) =>
            Effect.flatMap(askElectric("DELETE", storeId), ({ status, text }) =>
              status === 202 || status === 404
                ? Effect.void
                : new HostError({ message: `Electric did not delete the shape: HTTP ${status} ${text}` }),
            ),
        }),
    deploy: Effect.andThen(endApi, api.start),
    instance: (storeId) =>
      Effect.map(
        askElectric("GET", storeId),
        ({ handle }) => `${both?.instance() ?? "pair"} push api ${api.pid()} shape ${handle}`,
      ),
  }
}
