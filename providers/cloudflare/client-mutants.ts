import type { AnomalyName } from "../../contract/anomaly.ts"
import { openHttpConnections, type HttpConnections, type PostEvents } from "./client/http-connections.ts"
import { dialHttpOver } from "./client/http-link.ts"
import type { Dial } from "./client/link.ts"
import { decodeAnswer, encodeBody, heldPath, splitRequest } from "./http-wire.ts"
import { decodeClientFrame, encodeFrame, type ClientMessage } from "./wire.ts"

/** A planted bug of the client over HTTP. */
export interface CloudflareClientMutant {
  /** Unique; the clause and a word. */
  readonly id: string
  /** The clause whose check must catch it. */
  readonly clause: string
  /** What the checkers must call it. */
  readonly anomaly: AnomalyName
  /** What is wrong, in a few words. */
  readonly title: string
  /** How the client dials; `fire` is called each time that something becomes other than it should be. */
  readonly dial: (fire: () => void) => Dial
}

/** Sends a request, once. */
type Post = HttpConnections["post"]

/** Dials with another way to send the requests whose answers are not held. */
const dialPosting = (
  make: (post: Post) => (asked: ClientMessage | undefined, ...args: Parameters<Post>) => () => void,
) =>
  dialHttpOver((base) => {
    const connections = openHttpConnections(base)
    const post = make(connections.post)
    return {
      ...connections,
      post: (url, body, events) => {
        if (url.endsWith(heldPath)) return connections.post(url, body, events)
        return post(decodeClientFrame(splitRequest(body)?.frame)?.message, url, body, events)
      },
    }
  })

/** Hands on an answer of the protocol; whatever else comes is given to `instead`. */
const unlessGarbage = (events: PostEvents, instead: () => void): PostEvents => {
  let text = ""
  return {
    onText: (piece) => void (text += piece),
    onEnd: () => {
      if (decodeAnswer(text) === undefined) return instead()
      events.onText(text)
      events.onEnd()
    },
    onFailed: instead,
  }
}

const sendsAgain: CloudflareClientMutant = {
  id: "conn/garbage#sent-again",
  clause: "conn/garbage",
  anomaly: "wrong-refusal",
  title: "a push whose answer is none is sent again, as a new one, and its second answer is taken for the first",
  dial: (fire) =>
    dialPosting((post) => (asked, url, body, events) => {
      if (asked?.t !== "push") return post(url, body, events)
      let giveUp = post(
        url,
        body,
        unlessGarbage(events, () => {
          fire()
          giveUp = post(url, body.replace(/"link":"[^"]*"/, `"link":"${crypto.randomUUID()}"`), events)
        }),
      )
      return () => giveUp()
    }),
}

const emptyPage: CloudflareClientMutant = {
  id: "conn/garbage#empty-page",
  clause: "conn/garbage",
  anomaly: "gap",
  title: "an answer that is none, an error page of a proxy, is taken for an empty page",
  dial: (fire) => {
    let backendId = ""
    return dialPosting((post) => (asked, url, body, events) => {
      if (asked?.t !== "pull") {
        const onText = (text: string): void => {
          backendId = /"backendId":"([^"]*)"/.exec(text)?.[1] ?? backendId
          events.onText(text)
        }
        return post(url, body, { ...events, onText })
      }
      const nothing = (): void => {
        fire()
        const { id, live, after } = asked
        const info = { _tag: "NoMore" } as const
        events.onText(encodeBody([encodeFrame({ t: "page", id, live, backendId, head: after.seqNum, info, rows: [] })]))
        events.onEnd()
      }
      return post(url, body, unlessGarbage(events, nothing))
    })
  },
}

/** Planted bugs of the client over HTTP, which `makeCloudflare(form, { dial })` runs with. */
export const cloudflareClientMutants: ReadonlyArray<CloudflareClientMutant> = [sendsAgain, emptyPage]
