import { once } from "node:events"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"

/** A span as it was received. */
export interface ReceivedSpan {
  /** Of the resource: who made it. */
  readonly service: string
  readonly name: string
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId: string | undefined
  /** 1 internal, 2 server, 3 client, 4 producer. */
  readonly kind: number
  readonly startTimeUnixNano: string
  readonly endTimeUnixNano: string
  readonly links: ReadonlyArray<{ readonly spanId: string }>
}

interface Payload {
  readonly resourceSpans: ReadonlyArray<{
    readonly resource: { readonly attributes: ReadonlyArray<{ key: string; value: { stringValue?: string } }> }
    readonly scopeSpans: ReadonlyArray<{ readonly spans: ReadonlyArray<Omit<ReceivedSpan, "service">> }>
  }>
}

/** A collector on loopback that takes OTLP over HTTP as JSON. */
export const otlpReceiver = async () => {
  const spans: Array<ReceivedSpan> = []
  const paths = new Set<string>()
  const server = createServer((request, response) => {
    let text = ""
    request.on("data", (part: Buffer) => (text += part.toString()))
    request.on("end", () => {
      paths.add(`${request.method} ${request.url} ${request.headers["content-type"]}`)
      for (const { resource, scopeSpans } of (JSON.parse(text) as Payload).resourceSpans) {
        const service = resource.attributes.find(({ key }) => key === "service.name")?.value.stringValue ?? ""
        for (const scope of scopeSpans) for (const span of scope.spans) spans.push({ ...span, service })
      }
      response.end("{}")
    })
  })
  server.listen(0, "127.0.0.1")
  await once(server, "listening")
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans,
    /** What was asked of it: "POST /v1/traces application/json". */
    paths,
    close: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, "close")
    },
  }
}
