import { Effect } from "effect"
import { HostError } from "../../contract/errors.ts"
import { askTwice } from "../kept-alive.ts"
import { storeKey } from "./wire.ts"

const timeoutMs = 10_000

/** The harness's routes of a running Worker. A path is relative to a store, whose name is hashed here. */
export interface HarnessRoutes {
  /** Asks a store's route; with a body it is a POST. Gives the answer's text. */
  readonly store: (storeId: string, route: string, body?: string) => Effect.Effect<string, HostError>
  /** Asks a route of the Worker itself. */
  readonly worker: (route: string, body?: string) => Effect.Effect<string, HostError>
}

export const harnessRoutes = (
  target: () => { readonly host: string; readonly port: number; readonly secure?: boolean },
  token: string,
): HarnessRoutes => {
  const ask = (path: string, body: string | undefined) =>
    Effect.tryPromise({
      try: async () => {
        const { host, port, secure = false } = target()
        const send = () =>
          fetch(`${secure ? "https" : "http"}://${host}:${port}/__harness/${path}`, {
            method: body === undefined ? "GET" : "POST",
            headers: { "x-harness-token": token },
            signal: AbortSignal.timeout(timeoutMs),
            ...(body === undefined ? {} : { body }),
          })
        const response = await (body === undefined ? askTwice(send) : send())
        const text = await response.text()
        if (!response.ok) throw new Error(`HTTP ${response.status}: ${text.slice(0, 200)}`)
        return text
      },
      catch: (error) => new HostError({ message: `the Worker's route ${path} failed: ${String(error)}` }),
    })
  return {
    store: (storeId, route, body) =>
      Effect.flatMap(
        Effect.promise(() => storeKey(storeId)),
        (key) => ask(`${key}/${route}`, body),
      ),
    worker: ask,
  }
}
