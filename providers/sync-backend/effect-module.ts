import type { AsyncClientMemory } from "../../contract/async.ts"
import { effect3 } from "./effect-3.ts"
import { effect4 } from "./effect-4.ts"

/** A module of Effect 3 or 4, as `import * as effect from "effect"` gives it; these parts of it are used. */
export interface EffectModule {
  readonly Effect: object
  readonly Stream: object
  readonly Scope: object
  readonly Exit: object
  readonly Cause: object
  readonly Context: object
  readonly Option: object
  readonly Logger: object
  readonly SubscriptionRef: object
}

/** How a foreign effect ended. `end` is that of a stream which gave all it had. */
export type ForeignEnd =
  | { readonly _tag: "success"; readonly value: unknown }
  | { readonly _tag: "failure"; readonly error: unknown }
  | { readonly _tag: "defect"; readonly defect: unknown }
  | { readonly _tag: "interrupted" | "end" }

/**
 * What the bridge does with somebody else's Effect. Its effects, scopes, streams and options are opaque here: they
 * come from the author's module and go back into it, and nothing of one Effect ever runs in the other.
 */
export interface ForeignEffect {
  readonly version: 3 | 4
  readonly isEffect: (value: unknown) => boolean
  /** Runs an effect without its loggers. An abort interrupts it, and the promise settles when it is over. */
  readonly run: (effect: unknown, signal?: AbortSignal) => Promise<ForeignEnd>
  readonly makeScope: () => unknown
  /** An effect that closes it. */
  readonly closeScope: (scope: unknown) => unknown
  readonly inScope: (effect: unknown, scope: unknown) => unknown
  /** Gives an effect the client's memory as Effect's own `KeyValueStore`. */
  readonly withMemory: (effect: unknown, memory: AsyncClientMemory) => unknown
  /** An effect that builds a stream and gives the effect of its next chunk. */
  readonly pulling: (build: () => unknown, scope: unknown) => unknown
  /** Takes the next chunk of a stream: an iterable, or its `end`. */
  readonly next: (pull: unknown, signal: AbortSignal) => Promise<ForeignEnd>
  /** What a `SubscriptionRef` holds now. */
  readonly current: (ref: unknown) => unknown
  /** Calls the listener with what a `SubscriptionRef` holds and each change; gives back what ends it. */
  readonly follow: (ref: unknown, listener: (value: unknown) => void) => () => void
  readonly optionOf: (value: unknown) => unknown
}

const bridges = new WeakMap<EffectModule, ForeignEffect>()

/** The bridge to the author's Effect, one for each module; throws for what is no module of Effect 3 or 4. */
export const foreignEffect = (module: EffectModule): ForeignEffect => {
  const known = bridges.get(module)
  if (known !== undefined) return known
  const bridge = bridgeTo(module)
  bridges.set(module, bridge)
  return bridge
}

const bridgeTo = (module: EffectModule): ForeignEffect => {
  const has = (part: keyof EffectModule, name: string): boolean => name in Object(Object(module)[part])
  if (has("Effect", "runPromiseExit") && has("Stream", "toPull")) {
    if (has("Effect", "callback") && has("Scope", "provide")) return effect4(module)
    if (has("Effect", "async") && has("Scope", "extend")) return effect3(module)
  }
  throw new Error('this is no module of Effect 3 or 4: give all of it, `import * as effect from "effect"`')
}

/** Which Effect a value is an effect of, whatever module made it. */
export const effectVersionOf = (value: unknown): 3 | 4 | undefined => {
  if ((typeof value !== "object" && typeof value !== "function") || value === null) return undefined
  if ("~effect/Effect" in value) return 4
  return Symbol.for("effect/Effect") in value ? 3 : undefined
}
