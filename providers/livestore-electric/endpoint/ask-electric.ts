import { request, type ServerResponse } from "node:http"

/** Headers that belong to one connection alone. */
const hopByHop = new Set(["connection", "keep-alive", "transfer-encoding"])

/** Hands one request to Electric and its answer back as it is. Rejects when Electric could not be asked. */
export const askElectric = (method: "GET" | "HEAD", url: string, response: ServerResponse): Promise<void> =>
  new Promise((resolve, reject) => {
    const upstream = request(url, { method, agent: false })
    const letGo = (): void => void upstream.destroy()
    // Nobody waits any more for what a client asked that is gone.
    response.once("close", letGo)
    upstream.on("response", (answer) => {
      response.statusCode = answer.statusCode ?? 502
      for (const [name, value] of Object.entries(answer.headers)) {
        if (value !== undefined && !hopByHop.has(name)) response.setHeader(name, value)
      }
      answer.on("error", () => response.destroy())
      answer.pipe(response)
      answer.on("close", resolve)
    })
    upstream.on("error", (error) => {
      if (response.headersSent || response.destroyed) {
        response.destroy()
        return resolve()
      }
      response.off("close", letGo)
      reject(new Error(`Electric could not be asked: ${error.message}`))
    })
    upstream.end()
  })
