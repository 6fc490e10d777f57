import { askTwice } from "../kept-alive.ts"
import type { HarnessAction } from "../livestore/store-object.ts"
import type { HarnessRequest } from "../livestore/worker.ts"

const timeoutMs = 5_000

/** Asks the harness's routes of the worker. Rejects when it is down, frozen, or says that something went wrong. */
export interface HarnessRoutes {
  readonly ask: (request: HarnessRequest) => Promise<unknown>
  readonly of: (storeId: string, action: HarnessAction) => Promise<unknown>
}

/** The routes of the worker that listens at `target`, which is read at each call. */
export const harnessRoutes = (
  target: () => { readonly host: string; readonly port: number },
  token: string,
): HarnessRoutes => {
  const ask = async (request: HarnessRequest): Promise<unknown> => {
    const { host, port } = target()
    const send = () =>
      fetch(`http://${host}:${port}/`, {
        method: "POST",
        headers: { "x-gauntlet-token": token },
        body: JSON.stringify(request),
        signal: AbortSignal.timeout(timeoutMs),
      })
    // The nth write would be counted from the second request on.
    const once = "action" in request && request.action.do === "failWrite"
    const response = await (once ? send() : askTwice(send)).catch((error: Error & { cause?: { code?: string } }) => {
      throw new Error(`the worker did not answer: ${error.cause?.code ?? error.message}`)
    })
    const body = await response.text()
    if (!response.ok) throw new Error(`the worker answered ${response.status}: ${body.split("\n")[0]}`)
    return JSON.parse(body) as unknown
  }
  return { ask, of: (storeId, action) => ask({ storeId, action }) }
}
