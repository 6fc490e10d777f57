import { once } from "node:events"
import { connect } from "node:net"
import { afterEach, describe, expect, it } from "vitest"
import { credentialsHeader } from "../wire.ts"
import { testApplication } from "./application.ts"
import type { Log } from "./log.ts"
import { Refused } from "./refused.ts"
import { referenceSeams } from "./seams.ts"
import { makePushApi, type PushApi } from "./server.ts"

const never = () => Promise.reject(new Error("not asked for"))

/** A log whose first push takes longest: what is not kept in turn overtakes it. */
const slowAtFirst = (): Log => {
  let head = 0
  let pushes = 0
  return {
    head: never,
    begin: never,
    push: async (_key, _body, batch) => {
      await new Promise((resolve) => setTimeout(resolve, pushes++ === 0 ? 100 : 0))
      if (batch[0]!.parentSeqNum !== head) {
        throw new Refused({ _tag: "ServerAhead", head, providedParent: batch[0]!.parentSeqNum })
      }
      head = batch.at(-1)!.seqNum
      return { backendId: "life", head, digest: "" }
    },
  }
}

describe("the push API's server", () => {
  let api: PushApi
  afterEach(() => {
    api.server.close()
    api.endAll()
  })

  it("answers a push before a copy of it that came over the same connection", async () => {
    const seams = referenceSeams
    const application = testApplication([])
    api = makePushApi({ log: slowAtFirst(), application, shape: never, seams, others: () => false })
    api.server.listen(0, "127.0.0.1")
    await once(api.server, "listening")
    const { port } = api.server.address() as { readonly port: number }
    const body = JSON.stringify({ rows: [[1, 0, "e", "a", "s", null]] })
    const head = [
      `POST /v1/stores/${"0".repeat(64)}/push HTTP/1.1`,
      "host: push.api",
      `${credentialsHeader}: ${Buffer.from("{}").toString("base64url")}`,
      `content-length: ${body.length}`,
    ]
    const request = `${head.join("\r\n")}\r\n\r\n${body}`
    const socket = connect(port, "127.0.0.1")
    let answers = ""
    socket.on("data", (chunk) => (answers += String(chunk)))
    socket.write(request + request)
    while ([...answers.matchAll(/HTTP\/1\.1 \d+/g)].length < 2) await once(socket, "data")
    socket.destroy()
    expect([...answers.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status)).toEqual(["200", "409"])
  })
})
