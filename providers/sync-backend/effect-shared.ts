import type { AsyncClientMemory } from "../../contract/async.ts"
import type { ForeignEnd } from "./effect-module.ts"

/** A function of a foreign module, of which only the name is known here. */
export type Foreign = (...args: ReadonlyArray<unknown>) => unknown

/** What the bridge uses of both versions, under the same names. */
export interface SharedModule {
  readonly Effect: {
    readonly isEffect: (value: unknown) => boolean
    readonly runPromiseExit: (effect: unknown, options?: { readonly signal?: AbortSignal }) => Promise<unknown>
    readonly runSync: Foreign
    readonly promise: (run: () => Promise<unknown>) => unknown
    readonly map: (effect: unknown, f: (value: unknown) => unknown) => unknown
    readonly flatMap: (effect: unknown, f: (value: unknown) => unknown) => unknown
    readonly sync: (f: () => unknown) => unknown
    readonly die: Foreign
    readonly provide: Foreign
    readonly provideService: Foreign
  }
  readonly Stream: { readonly toPull: Foreign; readonly changes: Foreign; readonly runForEach: Foreign }
  readonly Scope: { readonly make: () => unknown; readonly close: Foreign }
  readonly Exit: { readonly void: unknown }
  readonly Option: { readonly some: Foreign; readonly none: () => unknown }
}

/** The member of a foreign value. */
export const member = (value: unknown, key: string): unknown =>
  typeof value === "object" && value !== null ? (value as Record<string, unknown>)[key] : undefined

/** How an exit of either version ended; `ended` reads the cause of one that failed. */
export const endOf = (exit: unknown, ended: (cause: unknown) => ForeignEnd): ForeignEnd =>
  member(exit, "_tag") === "Success" ? { _tag: "success", value: member(exit, "value") } : ended(member(exit, "cause"))

/** A client's memory as the effects of a key-value store. What the store cannot do is a defect that says so. */
export const memoryEffects = (
  { Effect }: SharedModule,
  memory: AsyncClientMemory,
  found: (value: string | undefined) => unknown,
): Record<string, unknown> => {
  const missing = (what: string): unknown => Effect.die(new Error(`a client's memory has no ${what}`))
  const get = (key: string): unknown => Effect.promise(() => memory.get(key))
  const modify = (key: string, f: (value: string) => string): unknown =>
    Effect.promise(async () => {
      const value = await memory.get(key)
      if (value === undefined) return found(undefined)
      await memory.set(key, f(value))
      return found(f(value))
    })
  return {
    get: (key: string) => Effect.map(get(key), (value) => found(value as string | undefined)),
    set: (key: string, value: unknown) =>
      typeof value === "string" ? Effect.promise(() => memory.set(key, value)) : missing("bytes, only text"),
    remove: (key: string) => Effect.promise(() => memory.remove(key)),
    has: (key: string) => Effect.map(get(key), (value) => value !== undefined),
    modify,
    getUint8Array: () => missing("bytes, only text"),
    modifyUint8Array: () => missing("bytes, only text"),
    clear: missing("way to forget everything"),
    clearPrefix: () => missing("way to forget many keys"),
    size: missing("size"),
    keys: missing("list of its keys"),
    isEmpty: missing("size"),
    forSchema: () => missing("schemas"),
  }
}

/** What both versions do alike. */
export const sharedParts = (module: SharedModule) => {
  const { Effect, Scope, Exit, Option } = module
  return {
    isEffect: (value: unknown) => Effect.isEffect(value),
    makeScope: () => Effect.runSync(Scope.make()),
    closeScope: (scope: unknown) => Scope.close(scope, Exit.void),
    optionOf: (value: unknown) => (value === undefined || value === null ? Option.none() : Option.some(value)),
  }
}

/** Reads a ref's values until it is told to stop. */
export const followWith = (
  { Effect, Stream }: SharedModule,
  run: (effect: unknown, signal: AbortSignal) => Promise<unknown>,
  changes: unknown,
  listener: (value: unknown) => void,
): (() => void) => {
  const controller = new AbortController()
  const each = Stream.runForEach(Stream.changes(changes), (value: unknown) => Effect.sync(() => listener(value)))
  void run(each, controller.signal)
  return () => controller.abort()
}
