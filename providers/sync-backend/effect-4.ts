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

/** What only Effect 4 has, or has under this name. */
interface Effect4 extends SharedModule {
  readonly Scope: SharedModule["Scope"] & { readonly provide: Foreign }
  readonly Context: { readonly Service: (key: string) => unknown }
  readonly Cause: { readonly isDone: (value: unknown) => boolean }
  readonly Logger: { readonly layer: Foreign }
  readonly SubscriptionRef: { readonly changes: Foreign; readonly get: Foreign }
}

/** The key under which it keeps its key-value store. */
const keyValueStoreKey = "effect/persistence/KeyValueStore"

/** The bridge to an Effect 4. */
export const effect4 = (module: EffectModule): ForeignEffect => {
  const own = module as Effect4
  const { Effect, Stream, Scope, Cause, Context, Logger, SubscriptionRef } = own
  const silent = Logger.layer([])
  const ended = (cause: unknown): ForeignEnd => {
    const reasons = member(cause, "reasons") as ReadonlyArray<unknown>
    const first = (tag: string): unknown => reasons.find((reason) => member(reason, "_tag") === tag)
    const failure = first("Fail")
    if (failure !== undefined) return { _tag: "failure", error: member(failure, "error") }
    const defect = first("Die")
    return defect === undefined ? { _tag: "interrupted" } : { _tag: "defect", defect: member(defect, "defect") }
  }
  const run = async (effect: unknown, signal?: AbortSignal): Promise<ForeignEnd> =>
    endOf(await Effect.runPromiseExit(Effect.provide(effect, silent), signal && { signal }), ended)
  const inScope = (effect: unknown, scope: unknown): unknown => Scope.provide(effect, scope)
  return {
    version: 4,
    ...sharedParts(own),
    run,
    inScope,
    withMemory: (effect, memory) =>
      Effect.provideService(effect, Context.Service(keyValueStoreKey), {
        [`~${keyValueStoreKey}`]: `~${keyValueStoreKey}`,
        ...memoryEffects(own, memory, (value) => value),
      }),
    pulling: (build, scope) =>
      inScope(
        Effect.flatMap(Effect.sync(build), (stream) => Stream.toPull(stream)),
        scope,
      ),
    // Its pulls fail with a value of their own at the end.
    next: async (pull, signal) => {
      const end = await run(pull, signal)
      return end._tag === "failure" && Cause.isDone(end.error) ? { _tag: "end" } : end
    },
    current: (ref) => Effect.runSync(SubscriptionRef.get(ref)),
    follow: (ref, listener) => followWith(own, run, SubscriptionRef.changes(ref), listener),
  }
}
