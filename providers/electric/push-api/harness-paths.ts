import type { IncomingMessage } from "node:http"
import type { Application } from "./application.ts"
import type { OtherPaths, PushApi } from "./server.ts"
import type { StandingFaults, StorageFaults } from "./storage-faults.ts"

/** What the harness asks of a running push API, under `/__harness/`, with its token. */
export const harnessPaths =
  (parts: {
    readonly token: string
    readonly application: Application
    readonly faults: StorageFaults
    readonly api: Omit<PushApi, "server" | "gauges"> & { readonly gauges: (key: string) => object }
    readonly fired: () => number
  }): OtherPaths =>
  (path, request, response) => {
    const [, route = "", key = ""] = /^\/__harness\/([a-z]+)(?:\/([0-9a-f]{64}))?$/.exec(path) ?? []
    if (route === "" || request.headers["x-harness-token"] !== parts.token) return false
    void (async () => {
      const said = answerTo(parts, route, key, await readText(request))
      response.writeHead(said === undefined ? 404 : 200, { "content-type": "application/json" })
      // What is forgotten includes who is connected: those that ask hear of it first.
      response.end(JSON.stringify(said ?? null), () => void (route === "forget" && parts.api.endAll()))
    })()
    return true
  }

const answerTo = (
  { application, faults, api, fired }: Omit<Parameters<typeof harnessPaths>[0], "token">,
  route: string,
  key: string,
  body: string,
): unknown => {
  switch (route) {
    case "seen":
      return application.seen(key)
    case "gauges":
      return api.gauges(key)
    case "faults":
      if (body !== "") faults.set(key, JSON.parse(body) as Partial<StandingFaults>)
      return faults.read(key)
    case "revoke":
      application.revoke(body)
      api.endRevoked()
      return true
    case "forget":
      application.forget()
      faults.forget()
      return true
    case "fired":
      return fired()
    default:
      return undefined
  }
}

const readText = async (request: IncomingMessage): Promise<string> => {
  let text = ""
  for await (const chunk of request.setEncoding("utf8")) text += String(chunk)
  return text
}
