import { Agent, request, type IncomingMessage } from "node:http"
import { bodyType, encodeBody, heldFrames, heldPath } from "./http-wire.ts"
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
  const send = (body: string, where: string, onResponse: (response: IncomingMessage) => void) => {
    const sent = request({
      ...target,
      path: where,
      method: "POST",
      agent: new Agent(),
      headers: { "content-type": bodyType },
    })
    sent.on("response", onResponse)
    sent.end(body)
    return sent
  }
  const bodyOf = (messages: ReadonlyArray<ClientMessage>, args: ReadonlyArray<string | undefined>) =>
    encodeBody(messages.map((message) => encodeFrame(message, "rows" in message ? args : [])))

  return {
    post: (body: string): Promise<RawAnswer> =>
      new Promise((resolve, reject) => {
        const sent = send(body, path, (response) => {
          let text = ""
          response.on("data", (chunk) => (text += String(chunk)))
          response.on("end", () => resolve({ status: response.statusCode ?? 0, text }))
        })
        sent.on("error", reject)
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
