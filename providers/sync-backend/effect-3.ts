import type { AsyncClientMemory } from "../../contract/async.ts"
import type { EffectModule, ForeignEffect, ForeignEnd } from "./effect-module.ts"
import {
  endOf,
  followWith,
  member,
  memoryEffects,
  sharedParts,
  type Foreign,
  type SharedModule,
} from "./effect-shared.ts"

/** What only Effect 3 has, or has under this name. */
interface Effect3 extends SharedModule {
  readonly Effect: SharedModule["Effect"] & { readonly getFiberRefs: unknown; readonly inheritFiberRefs: Foreign }
  readonly Scope: SharedModule["Scope"] & { readonly extend: Foreign }
  readonly Context: { readonly GenericTag: (key: string) => unknown }
  readonly Cause: { readonly failureOption: Foreign; readonly defects: (cause: unknown) => Iterable<unknown> }
  readonly Logger: { readonly replace: Foreign; readonly defaultLogger: unknown; readonly none: unknown }
}

/** The key under which `@effect/platform` keeps its key-value store. */
const keyValueStoreKey = "@effect/platform/KeyValueStore"

/** The bridge to an Effect 3. */
export const effect3 = (module: EffectModule): ForeignEffect => {
  const own = module as Effect3
  const { Effect, Stream, Scope, Cause, Context, Logger, Option } = own
  // What a fiber without loggers holds, made once: a layer provided to each of ten thousand runs costs half a
  // millisecond every time, more than most of what is run.
  const withoutLoggers = Effect.inheritFiberRefs(
    Effect.runSync(Effect.provide(Effect.getFiberRefs, Logger.replace(Logger.defaultLogger, Logger.none))),
  )
  const some = (option: unknown): { readonly value: unknown } | undefined =>
    member(option, "_tag") === "Some" ? { value: member(option, "value") } : undefined
  const ended = (cause: unknown): ForeignEnd => {
    const failure = some(Cause.failureOption(cause))
    if (failure !== undefined) return { _tag: "failure", error: failure.value }
    for (const defect of Cause.defects(cause)) return { _tag: "defect", defect }
    return { _tag: "interrupted" }
  }
  const run = async (effect: unknown, signal?: AbortSignal): Promise<ForeignEnd> =>
    endOf(
      await Effect.runPromiseExit(
        Effect.flatMap(withoutLoggers, () => effect),
        signal && { signal },
      ),
      ended,
    )
  const inScope = (effect: unknown, scope: unknown): unknown => Scope.extend(effect, scope)
  return {
    version: 3,
    ...sharedParts(own),
    run,
    inScope,
    withMemory: (effect: unknown, memory: AsyncClientMemory) =>
      Effect.provideService(effect, Context.GenericTag(keyValueStoreKey), {
        [Symbol.for(keyValueStoreKey)]: Symbol.for(keyValueStoreKey),
        ...memoryEffects(own, memory, (value) => (value === undefined ? Option.none() : Option.some(value))),
      }),
    pulling: (build, scope) =>
      inScope(
        Effect.flatMap(Effect.sync(build), (stream) => Stream.toPull(stream)),
        scope,
      ),
    // Its pulls fail with an option: none is the end, some is the stream's own error.
    next: async (pull, signal) => {
      const end = await run(pull, signal)
      if (end._tag !== "failure") return end
      const error = some(end.error)
      return error === undefined ? { _tag: "end" } : { _tag: "failure", error: error.value }
    },
    current: (ref) => Effect.runSync(member(ref, "get")),
    follow: (ref, listener) => followWith(own, run, member(ref, "changes"), listener),
  }
}
