import { Agent, request, type IncomingMessage } from "node:http"
import { bodyType, encodeBody, heldFrames, heldPath, requestBytes } from "./http-wire.ts"
import { decodeBackendFrame, encodeFrame, storeKey, type BackendMessage, type ClientMessage } from "./wire.ts"

/** What a request was answered with. */
export interface RawAnswer {
  readonly status: number
  readonly text: string
}

/** A held request. */
export interface RawHeld {
  /** The next message that was not taken yet, within 5 s; undefined once the answer has ended. */
  readonly next: () => Promise<BackendMessage | undefined>
  readonly headers: IncomingMessage["headers"]
  /** Ends it as a client does that is gone, by a reset, or in order. */
  readonly cut: (how: "reset" | "end") => void
}

/** A client without manners over HTTP, for tests of the Worker. */
export const rawRequests = async (target: { readonly host: string; readonly port: number }, storeId: string) => {
  const path = `/sync/${await storeKey(storeId)}`
  const begin = (where: string, headers: Record<string, string> = {}) =>
    request({
      ...target,
      path: where,
      method: "POST",
      agent: new Agent(),
      headers: { "content-type": bodyType, ...headers },
    })
  const send = (body: string | Uint8Array, where: string, onResponse: (response: IncomingMessage) => void) => {
    const sent = begin(where)
    sent.on("response", onResponse)
    sent.end(body)
    return sent
  }
  const answerOf = (response: IncomingMessage, use: (answer: RawAnswer) => void): void => {
    let text = ""
    response.on("data", (chunk) => (text += String(chunk)))
    response.on("end", () => use({ status: response.statusCode ?? 0, text }))
  }
  const bodyOf = (messages: ReadonlyArray<ClientMessage>, args: ReadonlyArray<string | undefined>) =>
    encodeBody(messages.map((message) => encodeFrame(message, "rows" in message ? args : [])))

  return {
    post: (body: string | Uint8Array, behind = ""): Promise<RawAnswer> =>
      new Promise((resolve, reject) => {
        send(body, path + behind, (response) => answerOf(response, resolve)).on("error", reject)
      }),
    /** Sends one byte more than a request may have, in chunks, or only says that it would. */
    postTooLarge: (how: "content-length" | "chunks"): Promise<RawAnswer> =>
      new Promise((resolve, reject) => {
        const announced = how === "content-length"
        const sent = begin(path, announced ? { "content-length": String(requestBytes + 1) } : {})
        sent.on("error", reject)
        sent.on("response", (response) =>
          answerOf(response, (answer) => {
            resolve(answer)
            sent.destroy()
          }),
        )
        if (announced) return sent.flushHeaders()
        const pieces = 32
        for (let n = 0; n < pieces; n++) sent.write(Buffer.alloc(requestBytes / pieces, " "))
        sent.end(" ")
      }),
    bodyOf,
    /** Sends a push and goes away before it is answered. */
    abandoned: async (
      messages: ReadonlyArray<ClientMessage>,
      args: string,
      arrived: () => Promise<unknown>,
    ): Promise<void> => {
      const sent = send(bodyOf(messages, [args]), path, () => undefined)
      sent.on("error", () => undefined)
      await arrived()
      sent.socket?.resetAndDestroy()
    },
    hold: (messages: ReadonlyArray<ClientMessage>): Promise<RawHeld> =>
      new Promise((resolve, reject) => {
        const sent = send(bodyOf(messages, []), path + heldPath, (response) => {
          const read = heldFrames()
          const heard: Array<BackendMessage | undefined> = []
          const waiting: Array<(message: BackendMessage | undefined) => void> = []
          const hear = (message: BackendMessage | undefined): void => {
            const use = waiting.shift()
            if (use === undefined) heard.push(message)
            else use(message)
          }
          response.on("data", (chunk) => {
            for (const frame of read(String(chunk))) hear(decodeBackendFrame(frame)?.message)
          })
          response.on("error", () => undefined)
          response.on("close", () => hear(undefined))
          resolve({
            headers: response.headers,
            next: () =>
              heard.length > 0
                ? Promise.resolve(heard.shift())
                : new Promise((use, fail) => {
                    const late = setTimeout(() => fail(new Error("nothing was heard within 5 s")), 5_000)
                    waiting.push((message) => {
                      clearTimeout(late)
                      use(message)
                    })
                  }),
            cut: (how) => (how === "reset" ? sent.socket?.resetAndDestroy() : sent.destroy()),
          })
        })
        sent.on("error", reject)
      }),
  }
}
