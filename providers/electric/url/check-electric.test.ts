import { createServer, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import { afterEach, describe, expect, it } from "vitest"
import { checkElectric, deletesShapes } from "./check-electric.ts"

let server: Server | undefined

afterEach(() => void server?.close())

/** Answers as Electric does, with this health and secret. */
const electric = async (health: number, secret?: string, deletion = 404): Promise<string> => {
  server = createServer((request, response) => {
    const url = new URL(request.url ?? "/", "http://electric")
    const allowed = secret === undefined || url.searchParams.get("secret") === secret
    const asked = request.method === "DELETE" ? deletion : 400
    const status = url.pathname === "/v1/health" ? health : allowed ? asked : 401
    response.writeHead(status, { connection: "close" })
    response.end(status === 202 ? '{"status":"starting"}' : "{}")
  })
  await new Promise<void>((resolve) => server!.listen(0, "127.0.0.1", resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

describe("a running Electric", () => {
  it("is good when it is active and takes the secret, or wants none", async () => {
    expect(await checkElectric(await electric(200), undefined)).toBeUndefined()
    server?.close()
    expect(await checkElectric(await electric(200, "s&cret"), "s&cret")).toBeUndefined()
  })

  it("is told to be given the secret, or another one", async () => {
    const url = await electric(200, "right")
    expect(await checkElectric(url, undefined)).toBe(`Electric at ${url} wants a secret: set GAUNTLET_ELECTRIC_SECRET`)
    expect(await checkElectric(url, "wrong")).toBe(
      `Electric at ${url} refuses the secret: correct GAUNTLET_ELECTRIC_SECRET`,
    )
  })

  it("is asked whether it deletes shapes", async () => {
    expect(await deletesShapes(await electric(200, "s", 404), "s")).toBe(true)
    server?.close()
    expect(await deletesShapes(await electric(200, undefined, 405), undefined)).toBe(false)
  })

  it("is told apart from one that is not ready, another server, and nothing", async () => {
    const starting = await electric(202)
    expect(await checkElectric(starting, undefined)).toBe(`Electric at ${starting} is not ready: {"status":"starting"}`)
    server?.close()
    const other = await electric(404)
    expect(await checkElectric(other, undefined)).toBe(
      `${other} answers /v1/health with HTTP 404: correct GAUNTLET_ELECTRIC_URL`,
    )
    expect(await checkElectric("http://127.0.0.1:1", undefined)).toBe(
      "nothing answers at http://127.0.0.1:1: start Electric, or correct GAUNTLET_ELECTRIC_URL",
    )
  })
})
