import { Effect } from "effect"
import type { Json } from "../../contract/json.ts"
import type { Hook, HookRecord } from "../../contract/test-application.ts"
import type { Arena, CheckStop } from "../../harness/arena.ts"

/** What the application's hooks of a store saw so far; a host that cannot say ends the check. */
export const hooksSeen = (
  arena: Arena,
  storeId: string = arena.storeId,
): Effect.Effect<ReadonlyArray<HookRecord>, CheckStop> =>
  Effect.catch(arena.backend.app.seen(storeId), (error) =>
    Effect.as(arena.premise(false, `the application's hooks could not be read: ${error.message}`), []),
  )

/**
 * What the hooks of a store saw while this ran. Where none of `hooks` was asked by then it waits for them for the
 * delivery time: an operation may be over before the backend has looked at it.
 */
export const hooksDuring = <A, E, R>(
  arena: Arena,
  effect: Effect.Effect<A, E, R>,
  options: { readonly storeId?: string; readonly hooks?: ReadonlyArray<Hook> } = {},
): Effect.Effect<ReadonlyArray<HookRecord>, E | CheckStop, R> =>
  Effect.gen(function* () {
    const { storeId, hooks = [] } = options
    const before = (yield* hooksSeen(arena, storeId)).length
    yield* effect
    const everyMs = arena.capabilities.times.deliveryMs / looks
    let calls = (yield* hooksSeen(arena, storeId)).slice(before)
    for (let n = 0; n < looks && hooks.length > 0 && !calls.some(({ hook }) => hooks.includes(hook)); n++) {
      yield* Effect.sleep(everyMs)
      calls = (yield* hooksSeen(arena, storeId)).slice(before)
    }
    return calls
  })

/** How often the hooks are looked at within the delivery time. */
const looks = 40

/** Whether two payloads are equal as JSON, key order aside. */
export const samePayload = (a: unknown, b: unknown): boolean => sorted(a) === sorted(b)

const sorted = (value: unknown): string =>
  JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === "object" && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  )

const shown = (payload: Json | undefined): string =>
  payload === undefined ? "no payload" : JSON.stringify(payload).slice(0, 200)

/** A call saw just this payload; undefined stands for none, which is not null. */
export const sawPayload = (call: HookRecord, payload: Json | undefined): boolean =>
  payload === undefined ? !("payload" in call) : "payload" in call && samePayload(call.payload, payload)

/** One of these hooks was asked, and every call saw this payload. `what` says whose calls they are. */
export const expectHooks = (
  arena: Arena,
  calls: ReadonlyArray<HookRecord>,
  hooks: ReadonlyArray<Hook>,
  payload: Json | undefined,
  what: string,
): Effect.Effect<void> =>
  Effect.gen(function* () {
    yield* arena.expect(
      calls.some(({ hook }) => hooks.includes(hook)),
      "payload-bleed",
      `the application's ${hooks.join(" or ")} hook was not asked about ${what}`,
    )
    const wrong = calls.find((call) => !sawPayload(call, payload))
    yield* arena.expect(
      wrong === undefined,
      "payload-bleed",
      `the application's ${wrong?.hook} hook saw ${shown(wrong?.payload)} at ${what}, which came with ${shown(payload)}`,
    )
  })
