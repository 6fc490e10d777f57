import { once } from "node:events"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { Effect, Tracer } from "effect"
import { describe, expect, it } from "vitest"
import { openHttpConnections } from "./client/http-connections.ts"
import { currentTrace, traced, tracedCall, traceOf, withTrace } from "./tracing.ts"
import { decodeClientFrame, encodeFrame, frameBytes } from "./wire.ts"

/** A tracer that counts what it is asked for. */
const countingTracer = () => {
  const spans: Array<Tracer.NativeSpan> = []
  const tracer = Tracer.make({
    span: (options) => {
      const span = new Tracer.NativeSpan(options)
      spans.push(span)
      return span
    },
  })
  return { spans, tracer }
}

const client = () => ({ kind: "client" }) as const
const cause = "00-0123456789abcdef0123456789abcdef-0123456789abcdef-01"

describe("tracing", () => {
  it("builds nothing where the caller has no tracer, not even within a span of Effect's default one", () => {
    let asked = 0
    const facts = () => {
      asked += 1
      return client()
    }
    const program = traced(
      "a",
      facts,
      Effect.zip(
        currentTrace,
        Effect.sync(() => tracedCall("b", "producer", () => asked++ > 0, String)),
      ),
    )
    expect(Effect.runSync(Effect.withSpan(program, "outer"))).toEqual([undefined, "undefined"])
    expect(asked).toBe(0)
  })

  it("names the span that runs, and makes those of calls beneath it", () => {
    const { spans, tracer } = countingTracer()
    const call = Effect.sync(() =>
      tracedCall(
        "b",
        "producer",
        () => true,
        (trace) => trace,
      ),
    )
    const [outer, inner] = Effect.runSync(
      Effect.provideService(traced("a", client, Effect.zip(currentTrace, call)), Tracer.Tracer, tracer),
    )
    const named = ({ traceId, spanId }: Tracer.Span) => `00-${traceId}-${spanId}-01`
    expect([outer, inner]).toEqual(spans.map(named))
    expect(spans.map(({ name, kind, status }) => [name, kind, status._tag])).toEqual([
      ["a", "client", "Ended"],
      ["b", "producer", "Ended"],
    ])
    expect(spans[1]?.parent).toMatchObject({ value: { spanId: spans[0]?.spanId } })
  })

  it("makes a call's span only where it is worth one, and an internal span only within another", () => {
    const { spans, tracer } = countingTracer()
    const call = Effect.sync(() =>
      tracedCall(
        "b",
        "producer",
        () => false,
        () => undefined,
      ),
    )
    const internal = traced("c", () => ({ kind: "internal" }), Effect.void)
    Effect.runSync(Effect.provideService(Effect.andThen(call, internal), Tracer.Tracer, tracer))
    expect(spans).toEqual([])
  })

  it("goes on with the trace that came over the wire, and links what surrounds it", () => {
    const { spans, tracer } = countingTracer()
    const told = traced("told", () => ({ kind: "server", cause }), Effect.void)
    Effect.runSync(Effect.provideService(traced("around", client, told), Tracer.Tracer, tracer))
    const [around, inner] = spans
    expect(inner).toMatchObject({ traceId: "0123456789abcdef0123456789abcdef" })
    expect(inner?.parent).toMatchObject({ value: { spanId: "0123456789abcdef", sampled: true } })
    expect(inner?.links.map(({ span }) => span.spanId)).toEqual([around?.spanId])
  })

  it("keeps to what was decided about sampling", () => {
    const { spans, tracer } = countingTracer()
    const told = traced("told", () => ({ kind: "server", cause: cause.replace(/01$/, "00") }), Effect.void)
    Effect.runSync(Effect.provideService(told, Tracer.Tracer, tracer))
    expect(spans.map(({ sampled }) => sampled)).toEqual([false])
  })

  it.each(["", "00-1-2-01", cause.replace("00-", "ff-"), cause.replace(/[1-9a-f]/g, "0"), `${cause} `])(
    "begins a trace of its own on %j",
    (cause) => {
      const { spans, tracer } = countingTracer()
      Effect.runSync(
        Effect.provideService(
          traced("a", () => ({ kind: "server", cause }), Effect.void),
          Tracer.Tracer,
          tracer,
        ),
      )
      expect(spans.map(({ parent }) => parent._tag)).toEqual(["None"])
    },
  )

  it("writes a trace into a frame as the last member of its message, where there is room", () => {
    const rows = [[1, 0, "happened", "a", "s"]]
    const frame = encodeFrame({ t: "push", id: 1, part: 0, parts: 1, events: 1, rows }, [`{"x":"}"}`])
    expect(withTrace(frame, undefined)).toBe(frame)
    const traced = withTrace(frame, cause)
    expect(traced.startsWith(frame.slice(0, frame.indexOf("\n") - 1))).toBe(true)
    expect(decodeClientFrame(traced)).toMatchObject({ message: { t: "push", rows, trace: cause }, args: [`{"x":"}"}`] })
    const full = encodeFrame({
      t: "hello",
      version: 1,
      storeId: "",
      clientId: "",
      silenceMs: 1,
      payload: "x".repeat(frameBytes - 80),
    })
    expect(withTrace(full, cause)).toBe(full)
  })

  it("reads a trace off a frame, and off nothing else in it", () => {
    const frame = encodeFrame({ t: "check", id: 1 })
    const inside = encodeFrame({ t: "poke", backendId: `,"trace":"${cause}"`, head: 1 }, [`,"trace":"${cause}"}`])
    expect([withTrace(frame, cause), frame, inside].map(traceOf)).toEqual([cause, undefined, undefined])
  })

  it("is a header of a request, where there is one", async () => {
    const taken: Array<string | undefined> = []
    const server = createServer((request, response) => {
      taken.push(request.headers["traceparent"] as string | undefined)
      request.resume().on("end", () => response.end())
    })
    server.listen(0, "127.0.0.1")
    await once(server, "listening")
    const { port } = server.address() as AddressInfo
    const connections = openHttpConnections(`http://127.0.0.1:${port}`)
    const post = (trace?: string) =>
      new Promise<void>((resolve, reject) => {
        const events = { onText: () => {}, onEnd: resolve, onFailed: reject }
        connections.post(`http://127.0.0.1:${port}/`, "x", events, trace)
      })
    await post(cause)
    await post()
    expect(taken).toEqual([cause, undefined])
    await connections.close()
    server.close()
  })
})
