import { Effect, Exit, Fiber, Layer, Option, Scope, Stream } from "effect"
import { FetchHttpClient } from "effect/http"
import { OtlpExporter, OtlpSerialization, OtlpTracer } from "effect/observability"
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest"
import { clientMemoryOver } from "../../../contract/client-memory.ts"
import type { ProviderHostShape } from "../../../contract/provider.ts"
import type { SyncProvider } from "../../../contract/sync-provider.ts"
import type { CloudflareForm } from "../form.ts"
import { startCloudflareHost } from "../host.ts"
import { otlpReceiver, type ReceivedSpan } from "../otlp-receiver.fixture.ts"

const forms: ReadonlyArray<CloudflareForm> = [
  { transport: "ws", storage: "do" },
  { transport: "http", storage: "do" },
  { transport: "ws", storage: "d1" },
  { transport: "do-rpc", storage: "do" },
]

const event = (seqNum: number) => ({
  seqNum,
  parentSeqNum: seqNum - 1,
  name: "happened",
  args: { seqNum },
  clientId: "a",
  sessionId: "s",
})

describe.each(forms)("spans of $transport on $storage", (form) => {
  const scope = Effect.runSync(Scope.make())
  let receiver: Awaited<ReturnType<typeof otlpReceiver>>
  let host: ProviderHostShape
  let stores = 0

  beforeAll(async () => {
    receiver = await otlpReceiver()
    host = await Effect.runPromise(Scope.provide(startCloudflareHost(form, { otlpUrl: receiver.url }), scope))
  })
  afterAll(async () => {
    await Effect.runPromise(Scope.close(scope, Exit.void))
    await receiver.close()
  })

  const newStore = () => `traced-${++stores}`
  const open = (storeId: string, clientId: string) =>
    host.open({ storeId, clientId, memory: clientMemoryOver(new Map()) })

  /** The caller's own exporter, as an application has one. */
  const exported = () =>
    OtlpTracer.layer({ url: `${receiver.url}/v1/traces`, resource: { serviceName: "client" } }).pipe(
      Layer.provide(Layer.mergeAll(OtlpSerialization.layerJson, FetchHttpClient.layer)),
    )

  /** The store counts the live pull; the reader has seen that there is nothing yet. */
  const subscribed = async () => {
    expect(await Effect.runPromise(host.gauges!(`traced-${stores}`))).toMatchObject({ subscriptions: 1 })
    expect(named("object.pull")).toHaveLength(1)
  }

  /** Connects, pushes and hears of the push by a live pull of another client. */
  const use = (reader: SyncProvider, writer: SyncProvider) =>
    Effect.gen(function* () {
      yield* reader.connect
      yield* writer.connect
      const heard = yield* Effect.forkChild(
        reader.pull(Option.none(), { live: true }).pipe(
          Stream.filter(({ events }) => events.length > 0),
          Stream.take(1),
          Stream.runDrain,
        ),
      )
      yield* Effect.promise(() => vi.waitFor(subscribed))
      yield* writer.push([event(1)])
      yield* Fiber.join(heard)
    })

  const named = (name: string, parent?: ReceivedSpan): ReadonlyArray<ReceivedSpan> =>
    receiver.spans.filter((span) => span.name === name && (parent === undefined || span.parentSpanId === parent.spanId))
  /** The only span of this name beneath that one. */
  const beneath = (parent: ReceivedSpan, name: string): ReceivedSpan => {
    const [only, ...others] = named(name, parent)
    expect([name, only?.traceId, others]).toEqual([name, parent.traceId, []])
    return only as ReceivedSpan
  }

  const expectOneTrace = () => {
    expect([named("object.pull").length, named("test").length]).toEqual([2, 1])
    const [test] = named("test") as readonly [ReceivedSpan]

    const asked = new Set(named("sync.connect", test).map(({ spanId }) => spanId))
    const connected = named("object.connect")
    expect(connected.map(({ parentSpanId }) => asked.has(parentSpanId ?? ""))).toEqual([true, true])
    for (const connect of connected) beneath(connect, "storage.head")

    const pushed = beneath(beneath(test, "sync.push"), "object.push")
    beneath(pushed, "storage.append")
    const told = beneath(beneath(pushed, "object.poke"), "sync.pull")
    // What surrounds a pull that a poke caused is linked to it.
    expect(told.links.map(({ spanId }) => spanId)).toEqual([test.spanId])
    for (const pull of [told, beneath(test, "sync.pull")]) beneath(beneath(pull, "object.pull"), "storage.page")

    expect(new Set(receiver.spans.map(({ traceId }) => traceId))).toEqual(new Set([test.traceId]))
    const by = (service: string) => new Set(receiver.spans.filter((span) => span.service === service).map(kindOf))
    const where = form.transport === "do-rpc" ? "sync-client-object" : "client"
    expect(by("sync-object")).toEqual(new Set(["server object", "producer object", "internal storage"]))
    expect(new Set([...by("client"), ...by(where)])).toEqual(new Set(["internal test", "client sync"]))
    expect([by("client").has("internal test"), by(where).has("client sync")]).toEqual([true, true])
  }

  it("join client and object in one trace, each beneath what caused it", async () => {
    const storeId = newStore()
    const program = Effect.gen(function* () {
      const reader = yield* open(storeId, "reader")
      const writer = yield* open(storeId, "writer")
      yield* use(reader, writer).pipe(Effect.withSpan("test"))
      yield* (yield* OtlpExporter.Flusher).flush
    })
    await Effect.runPromise(program.pipe(Effect.scoped, Effect.provide(exported())))
    // Objects send theirs when they have answered.
    await vi.waitFor(expectOneTrace, { timeout: 10_000 })
    expect([...receiver.paths]).toEqual(["POST /v1/traces application/json"])
  })

  it("are none of the caller's where it has no tracer, and those of objects begin traces of their own", async () => {
    const storeId = newStore()
    const before = receiver.spans.length
    await Effect.runPromise(
      Effect.scoped(
        Effect.flatMap(open(storeId, "quiet"), (client) => Effect.withSpan(client.push([event(1)]), "quiet")),
      ),
    )
    const since = () => receiver.spans.slice(before)
    await vi.waitFor(() => expect(since().map(({ name }) => name)).toContain("object.push"))
    expect(since().filter(({ service }) => service === "client")).toEqual([])
    // A client object has the exporter of its Worker.
    const first = form.transport === "do-rpc" ? "sync.push" : "object.push"
    await vi.waitFor(() => expect(since().filter(({ name }) => name === first)).toHaveLength(1))
    expect(since().find(({ name }) => name === first)?.parentSpanId).toBeUndefined()
  })
})

const kinds = ["unspecified", "internal", "server", "client", "producer"]
const kindOf = ({ kind, name }: ReceivedSpan): string => `${kinds[kind]} ${name.split(".")[0]}`
