import { Effect } from "effect"
import type { HostError } from "../contract/errors.ts"
import type { StorageFault } from "../contract/fault.ts"
import type { BackendStorage } from "../contract/provider.ts"
import type { CheckStop, StandingStorageFault } from "./arena.ts"
import type { ArenaContext } from "./arena-context.ts"

type Guarded = <A>(what: string, effect: Effect.Effect<A, HostError> | undefined) => Effect.Effect<A, CheckStop>

/** Faults that stand on a store's storage. */
interface StorageFaults {
  readonly fault: (fault: StorageFault, store: string) => Effect.Effect<StandingStorageFault, CheckStop>
  /** Gives back what ends the outage. */
  readonly outage: (store: string) => Effect.Effect<Effect.Effect<void, CheckStop>, CheckStop>
}

/**
 * Faults of storage that stand until they are healed: recorded when they go on, when the storage shows that they bit,
 * and when they go off.
 */
export const makeStorageFaults = (
  { recorder, undo }: ArenaContext,
  storage: Partial<BackendStorage>,
  guarded: Guarded,
): StorageFaults => {
  let faults = 0

  /** Records a fault and its end. `bit` reads what it did from the storage; a reading that fails proves nothing. */
  const stand = (
    what: string,
    store: string,
    name: string,
    bit: Effect.Effect<number, CheckStop>,
    end: Effect.Effect<void, HostError>,
    detail?: string,
  ): StandingStorageFault => {
    const key = `${name} ${store} ${++faults}`
    let over = false
    let bitten = false
    const proved = Effect.tap(bit, (times) =>
      Effect.sync(() => {
        if (bitten || times <= 0) return
        bitten = true
        recorder.fault({ name, phase: "bit", store })
      }),
    )
    const heal = Effect.suspend(() => {
      if (over) return Effect.void
      over = true
      return Effect.ignore(bitten ? Effect.void : proved).pipe(
        Effect.andThen(guarded(what, end)),
        Effect.tap(() =>
          Effect.sync(() => {
            undo.delete(key)
            recorder.fault({ name, phase: "off", store })
          }),
        ),
      )
    })
    recorder.fault({ name, phase: "on", store, ...(detail === undefined ? {} : { detail }) })
    undo.set(key, heal)
    return { bit: proved, heal }
  }

  const bitOf = (store: string) => guarded("storage.bit", storage.bit?.(store))

  return {
    fault: (fault, store) => {
      const what = `storage.fault ${fault.kind}`
      return Effect.map(guarded(what, storage.fault?.(store, fault)), ({ bit, heal }) =>
        stand(what, store, `storage ${fault.kind}`, guarded(what, bit), heal, JSON.stringify(fault)),
      )
    },
    outage: (store) =>
      Effect.flatMap(bitOf(store), (before) =>
        Effect.map(guarded("storage.outage", storage.outage?.(store)), (end) => {
          const bit = Effect.map(bitOf(store), (now) => now - before)
          return stand("storage.outage", store, "storage outage", bit, end).heal
        }),
      ),
  }
}
