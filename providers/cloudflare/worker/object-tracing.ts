import { Context, Duration, Effect, Layer, Scope, Tracer } from "effect"
import { FetchHttpClient } from "effect/http"
import { OtlpExporter, OtlpSerialization, OtlpTracer } from "effect/observability"
import type { LogStore } from "../core/log-store.ts"
import { tracedLog } from "../core/traced-log.ts"

/** How the spans of an object leave it. */
export interface ObjectTracing {
  /** Runs an effect of a request in the object; its spans are sent once it has ended, and nobody waits for that. */
  readonly run: Run
  /** What a client in the object does: its spans are sent each time that one of the client's has ended. */
  readonly asClient: <A, E>(effect: Effect.Effect<A, E>) => Effect.Effect<A, E>
  readonly log: (log: LogStore) => LogStore
}

type Run = <A>(effect: Effect.Effect<A>) => Promise<A>

/** A collector that does not answer holds an object awake no longer. */
const flushMs = 5_000

/**
 * Spans go to the collector at `OTLP_URL` (OTLP/HTTP, JSON; "/v1/traces" is appended); without one there are none. They
 * leave at the end of each request: a timer would keep the object from sleeping.
 */
export const objectTracing = (
  env: { readonly OTLP_URL?: string },
  ctx: { waitUntil(promise: Promise<unknown>): void },
  serviceName: string,
  run: Run,
): ObjectTracing => {
  if (env.OTLP_URL === undefined || env.OTLP_URL === "") {
    return { run, asClient: (effect) => effect, log: (log) => log }
  }
  const { tracer, flush } = makeExporter(`${env.OTLP_URL.replace(/\/$/, "")}/v1/traces`, serviceName)
  const send = (): void => ctx.waitUntil(run(Effect.asVoid(Effect.timeoutOption(flush, flushMs))))
  const sending = sendingTracer(tracer, send)
  return {
    run: async (effect) => {
      try {
        return await run(Effect.provideService(effect, Tracer.Tracer, tracer))
      } finally {
        send()
      }
    },
    asClient: (effect) => Effect.provideService(effect, Tracer.Tracer, sending),
    log: tracedLog,
  }
}

/** Sends whenever a client's span has ended: what goes on beyond one request has no other end. */
const sendingTracer = (tracer: Tracer.Tracer, send: () => void): Tracer.Tracer =>
  Tracer.make({
    span: (options) => {
      const span = tracer.span(options)
      const end = span.end.bind(span)
      span.end = (endTime, exit) => {
        end(endTime, exit)
        if (span.kind === "client") send()
      }
      return span
    },
  })

const services = Layer.mergeAll(OtlpSerialization.layerJson, OtlpExporter.layerFlusher, FetchHttpClient.layer)

/** It lives as long as the object; without an interval it sets no timer of its own. */
const makeExporter = (url: string, serviceName: string) =>
  Effect.runSync(
    Effect.gen(function* () {
      const scope = yield* Scope.make()
      const context = yield* Layer.buildWithScope(services, scope)
      const tracer = yield* OtlpTracer.make({
        url,
        resource: { serviceName },
        exportInterval: Duration.infinity,
      }).pipe(Effect.provide(context), Scope.provide(scope))
      return { tracer, flush: Context.get(context, OtlpExporter.Flusher).flush }
    }),
  )
