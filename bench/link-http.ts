import { Agent, request } from "node:http"

/** One kept connection to a port, over which exchanges go one after the other. */
export const openHttpClient = (port: number) => {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  /** Posts parts of a body, with their length; resolves once the answer is there. */
  const post = (path: string, part: Buffer, parts = 1): Promise<void> =>
    new Promise((resolve, reject) => {
      const headers = { "content-length": part.length * parts, "content-type": "application/json" }
      const outgoing = request({ host: "127.0.0.1", port, agent, path, method: "POST", headers }, (response) => {
        response.resume()
        response.on("end", resolve)
      })
      outgoing.on("error", reject)
      let sent = 0
      const send = (): void => {
        while (sent < parts) {
          sent += 1
          if (!outgoing.write(part)) return void outgoing.once("drain", send)
        }
        outgoing.end()
      }
      send()
    })
  return { post, close: (): void => agent.destroy() }
}
