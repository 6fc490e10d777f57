import { Effect } from "effect"
import { HostError } from "../../contract/errors.ts"
import { storeKey } from "../cloudflare/wire.ts"
import { askTwice } from "../kept-alive.ts"

const timeoutMs = 10_000

/** The harness's paths of a running push API. */
export interface HarnessPaths {
  /** Asks about a store, whose name is hashed here; with a body it is a POST. */
  readonly store: <A>(storeId: string, route: string, body?: string) => Effect.Effect<A, HostError>
  /** Asks the push API itself. */
  readonly api: <A>(route: string, body?: string) => Effect.Effect<A, HostError>
}

export const harnessPaths = (
  target: () => { readonly host: string; readonly port: number },
  token: string,
): HarnessPaths => {
  const ask = <A>(path: string, body: string | undefined) =>
    Effect.tryPromise({
      try: async () => {
        const { host, port } = target()
        const send = () =>
          fetch(`http://${host}:${port}/__harness/${path}`, {
            method: body === undefined ? "GET" : "POST",
            headers: { "x-harness-token": token },
            signal: AbortSignal.timeout(timeoutMs),
            ...(body === undefined ? {} : { body }),
          })
        const response = await (body === undefined ? askTwice(send) : send())
        if (!response.ok) throw new Error(`HTTP ${response.status}`)
        return (await response.json()) as A
      },
      catch: (error) => new HostError({ message: `the push API's path ${path} failed: ${String(error)}` }),
    })
  return {
    store: (storeId, route, body) =>
      Effect.flatMap(
        Effect.promise(() => storeKey(storeId)),
        (key) => ask(`${route}/${key}`, body),
      ),
    api: ask,
  }
}
