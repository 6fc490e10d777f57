import type { Socket } from "node:net"
import { makeHeadReader, renderHttpAnswer } from "./http-head.ts"
import type { LinkConnection, LinkCore } from "./link-core.ts"
import type { HttpAnswer } from "./verdict.ts"

/**
 * Answers a new connection in place of the backend: reads the request's head, gives the answer, and ends the
 * connection orderly. What the client says after its head is read and thrown away, so that the end is no reset
 * that could overtake the answer.
 */
export const answerWithHttp = (client: Socket, core: LinkCore, answer: HttpAnswer): void => {
  const head = makeHeadReader()
  let answered = false
  const connection: LinkConnection = {
    reset: () => {
      core.wasReset()
      client.resetAndDestroy()
      core.over(connection)
    },
    lose: () => {},
    hurry: () => {},
  }
  core.begin(connection)
  core.established(connection)
  client.on("error", () => {})
  client.on("close", () => core.over(connection))
  client.on("end", () => client.end())
  client.on("data", (chunk: Buffer) => {
    if (answered || head.feed(chunk) === undefined) return
    answered = true
    client.end(renderHttpAnswer(answer))
  })
}
