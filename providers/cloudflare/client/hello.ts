import { PayloadRejected } from "../../../contract/errors.ts"
import type { Json } from "../../../contract/json.ts"
import { encodeFrame, frameBytes, protocolVersion } from "../wire.ts"

/** The first frame of every connection, or why none can be made of this payload. */
export const encodeHello = (args: {
  readonly storeId: string
  readonly clientId: string
  readonly payload?: Json
  /** Silence after which the backend may take this client for gone. */
  readonly silenceMs: number
}): string | PayloadRejected => {
  try {
    const frame = encodeFrame({ t: "hello", version: protocolVersion, ...args })
    if (Buffer.byteLength(frame) <= frameBytes) return frame
    return new PayloadRejected({ message: "the payload is too large to be sent" })
  } catch {
    return new PayloadRejected({ message: "the payload is no JSON" })
  }
}

/** The same with a name for the connection, for transports that send it with each request. */
export const nameLink = (hello: string, link: string): string =>
  `${hello.slice(0, hello.lastIndexOf("}"))},"link":${JSON.stringify(link)}}`
