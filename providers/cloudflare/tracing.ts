import { Clock, Context, Effect, Exit, Fiber, Option, Tracer } from "effect"
import { frameBytes } from "./wire.ts"

/*
 * Spans of client and object in one trace. A span is made only where the running fiber's context has a tracer of its
 * own: Effect's default one, which exports nothing, is taken for none, and then nothing is built and nothing is sent.
 */

/** What a span is told beside its name. */
interface SpanFacts {
  readonly kind: Tracer.SpanKind
  readonly attributes?: Readonly<Record<string, unknown>>
  /** The `traceparent` that caused it, where it came over the wire. What surrounds the span here is linked then. */
  readonly cause?: string | undefined
}

const tracerOf = (fiber: Fiber.Fiber<unknown, unknown>): Tracer.Tracer | undefined => {
  const tracer = fiber.getRef(Tracer.Tracer)
  return tracer === Tracer.nativeTracer ? undefined : tracer
}

const surrounding = (fiber: Fiber.Fiber<unknown, unknown>): Option.Option<Tracer.AnySpan> =>
  Context.getOption(fiber.context as Context.Context<Tracer.ParentSpan>, Tracer.ParentSpan)

/** Runs an effect in a span; an internal one only within another. `facts` is asked only where there is a tracer. */
export const traced = <A, E, R>(
  name: string,
  facts: () => SpanFacts,
  effect: Effect.Effect<A, E, R>,
): Effect.Effect<A, E, R> =>
  Effect.withFiber((fiber): Effect.Effect<A, E, R> => {
    if (tracerOf(fiber) === undefined) return effect
    const { kind, attributes, cause } = facts()
    if (kind === "internal" && Option.isNone(surrounding(fiber))) return effect
    const parent = spanOf(cause)
    const links =
      parent === undefined ? [] : Option.toArray(surrounding(fiber)).map((span) => ({ span, attributes: {} }))
    return Effect.withSpan(effect, name, {
      kind,
      captureStackTrace: false,
      ...(attributes === undefined ? {} : { attributes }),
      ...(parent === undefined ? {} : { parent, links }),
    }) as Effect.Effect<A, E, R>
  })

/**
 * The same for what is called and no effect, in the fiber that runs it: `body` is given the span's `traceparent`.
 * `worth` is asked first, where there is a tracer.
 */
export const tracedCall = <A>(
  name: string,
  kind: Tracer.SpanKind,
  worth: () => boolean,
  body: (trace: string | undefined) => A,
): A => {
  const fiber = Fiber.getCurrent()
  const tracer = fiber === undefined ? undefined : tracerOf(fiber)
  if (fiber === undefined || tracer === undefined || !worth()) return body(undefined)
  const parent = surrounding(fiber)
  const clock = fiber.getRef(Clock.Clock)
  const span = tracer.span({
    name,
    kind,
    parent,
    annotations: Context.empty(),
    links: [],
    startTime: clock.currentTimeNanosUnsafe(),
    root: false,
    sampled: Option.isNone(parent) || parent.value.sampled,
  })
  try {
    return body(traceparent(span))
  } finally {
    span.end(clock.currentTimeNanosUnsafe(), Exit.void)
  }
}

/** Runs an effect beneath the span that a `traceparent` names, where there is one. */
export const beneath = <A, E, R>(trace: string | undefined, effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> => {
  const parent = spanOf(trace)
  return parent === undefined ? effect : (Effect.withParentSpan(effect, parent) as Effect.Effect<A, E, R>)
}

/** The `traceparent` of the span that an effect runs in; undefined without a tracer or a span. */
export const currentTrace: Effect.Effect<string | undefined> = Effect.withFiber((fiber) => {
  const span = tracerOf(fiber) === undefined ? undefined : Option.getOrUndefined(surrounding(fiber))
  return Effect.succeed(span === undefined ? undefined : traceparent(span))
})

/** A span's name on the wire, as W3C Trace Context has it. */
const traceparent = ({ traceId, spanId, sampled }: Tracer.AnySpan): string =>
  `00-${traceId.padStart(32, "0")}-${spanId.padStart(16, "0")}-${sampled ? "01" : "00"}`

/** The span that a `traceparent` names; undefined where it is none. */
const spanOf = (trace: string | undefined): Tracer.ExternalSpan | undefined => {
  const [, traceId, spanId, flags] = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/.exec(trace ?? "") ?? []
  if (traceId === undefined || spanId === undefined || /^0+$/.test(traceId) || /^0+$/.test(spanId)) return undefined
  return Tracer.externalSpan({ traceId, spanId, sampled: (Number.parseInt(flags as string, 16) & 1) === 1 })
}

/** What a `traceparent` adds to a frame, and more. */
const traceChars = 100

/** A frame that carries a `traceparent`, as the last member of its message; the same frame where there is no room. */
export const withTrace = (frame: string, trace: string | undefined): string => {
  if (trace === undefined || frame.length + traceChars > frameBytes) return frame
  const message = messageOf(frame)
  return `${message.slice(0, message.lastIndexOf("}"))},"trace":"${trace}"}${frame.slice(message.length)}`
}

/** The `traceparent` that a frame carries. */
export const traceOf = (frame: string): string | undefined =>
  /,"trace":"([0-9a-f-]{55})"\}$/.exec(messageOf(frame).slice(-traceChars))?.[1]

/** The line of a frame that is its message. */
const messageOf = (frame: string): string => {
  const end = frame.indexOf("\n")
  return end < 0 ? frame : frame.slice(0, end)
}
