import { Effect, Scope, Tracer } from "effect"
import { FetchHttpClient } from "effect/http"
import { OtlpExporter, OtlpSerialization, OtlpTracer } from "effect/observability"
import { Context, Duration, Layer } from "effect"
import type { LogStore } from "../core/log-store.ts"
import { tracedLog } from "../core/traced-log.ts"

/** How an object's spans leave it. */
export interface ObjectTracing {
  /** Runs an effect of a request in the object; its spans are sent once it has ended, and nobody waits for that. */
  readonly run: Run
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
  run: Run,
): ObjectTracing => {
  if (env.OTLP_URL === undefined || env.OTLP_URL === "") return { run, log: (log) => log }
  const { tracer, flush } = makeExporter(`${env.OTLP_URL.replace(/\/$/, "")}/v1/traces`)
  const flushed = Effect.asVoid(Effect.timeoutOption(flush, flushMs))
  return {
    run: async (effect) => {
      try {
        return await run(Effect.provideService(effect, Tracer.Tracer, tracer))
      } finally {
        ctx.waitUntil(run(flushed))
      }
    },
    log: tracedLog,
  }
}

const services = Layer.mergeAll(OtlpSerialization.layerJson, OtlpExporter.layerFlusher, FetchHttpClient.layer)

/** It lives as long as the object; without an interval it sets no timer of its own. */
const makeExporter = (url: string) =>
  Effect.runSync(
    Effect.gen(function* () {
      const scope = yield* Scope.make()
      const context = yield* Layer.buildWithScope(services, scope)
      const tracer = yield* OtlpTracer.make({
        url,
        resource: { serviceName: "sync-object" },
        exportInterval: Duration.infinity,
      }).pipe(Effect.provide(context), Scope.provide(scope))
      return { tracer, flush: Context.get(context, OtlpExporter.Flusher).flush }
    }),
  )
