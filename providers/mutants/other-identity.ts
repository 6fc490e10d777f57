import { Effect } from "effect"
import { BackendIdMismatch } from "../../contract/errors.ts"
import type { BackendSeams, RequestContext } from "../mock/backend/seams.ts"
import type { StorageFailure } from "../mock/storage.ts"
import { reference, type MockSeams } from "../mock/seams.ts"

/** What a backend says that a store's identity is, where `real` is right. May take its time. */
export type Claim = (call: {
  readonly context: RequestContext
  readonly real: string
  readonly hasCursor: boolean
}) => Effect.Effect<string, StorageFailure>

/** A claimed identity as it travels: never equal to a real one, which the backend itself works with. */
const worded = (claimed: string): string => `~${claimed}`

/**
 * A backend that claims another identity than the real one. Clients are told and compared with what it claims, while
 * everything within goes by the life that is there. `fire` is called when a claim is not the truth.
 */
export const claims = (fire: () => void, claim: Claim): Partial<MockSeams> => {
  const latest = new Map<string, string>()
  const said = (real: string): string => latest.get(real) ?? worded(real)
  const identity: BackendSeams["identity"] = ({ context, known, at }) =>
    Effect.gen(function* () {
      const real = yield* reference.backend.identity({ context, known: undefined, at: undefined })
      const expected = known ?? at?.backendId
      if (expected === real) return real
      const claimed = yield* claim({ context, real, hasCursor: at !== undefined })
      if (claimed !== real) fire()
      latest.set(real, worded(claimed))
      if (expected === undefined || expected === worded(claimed)) return real
      return yield* new BackendIdMismatch({ expected, received: worded(claimed) })
    })
  return {
    backend: {
      identity,
      locate: (call) => {
        const { at, backendId } = call
        if (at === undefined || at.backendId !== said(backendId)) return reference.backend.locate(call)
        return reference.backend.locate({ ...call, at: { ...at, backendId } })
      },
      acknowledge: ({ context, frame }) =>
        reference.backend.acknowledge({ context, frame: { ...frame, backendId: said(frame.backendId) } }),
      encodePage: (page) => reference.backend.encodePage({ ...page, backendId: said(page.backendId) }),
      pong: (call) => {
        const pong = reference.backend.pong(call)
        return pong.backendId === undefined ? pong : { ...pong, backendId: said(pong.backendId) }
      },
    },
  }
}

/** A part of the running instance's name, "start 2", which a backend mixes into the identity that it claims. */
export const mixesIn =
  (part: RegExp): ((fire: () => void) => Partial<MockSeams>) =>
  (fire) => {
    const first = new Map<string, string>()
    return claims(fire, ({ context, real }) =>
      Effect.sync(() => {
        const mixed = part.exec(context.object.instance)?.[0] ?? ""
        const before = first.get(real) ?? mixed
        first.set(real, before)
        return mixed === before ? real : `${real} ${mixed}`
      }),
    )
  }

/** A backend that never notices that a store began another life: it claims the identity that it saw first. */
export const claimsTheFirst =
  (when: (hasCursor: boolean) => boolean = () => true) =>
  (fire: () => void): Partial<MockSeams> => {
    const first = new Map<string, string>()
    return claims(fire, ({ context: { storeId }, real, hasCursor }) =>
      Effect.sync(() => {
        const before = first.get(storeId) ?? real
        first.set(storeId, before)
        return when(hasCursor) ? before : real
      }),
    )
  }
