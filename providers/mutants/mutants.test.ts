import { Effect, Exit, Fiber, Layer, Option, Stream } from "effect"
import { describe, expect, it } from "vitest"
import { runVirtual } from "../../chaos/world/run-virtual.ts"
import { catalogue } from "../../contract/catalogue/index.ts"
import { clientMemoryOver } from "../../contract/client-memory.ts"
import type { EventEncoded } from "../../contract/event.ts"
import { ProviderHost, type Provider } from "../../contract/provider.ts"
import { mock } from "../mock/provider.ts"
import { reference } from "../mock/seams.ts"
import { mutants } from "./index.ts"
import { onNth, planted, type Mutant } from "./mutant.ts"

const event = (seqNum: number): EventEncoded => ({
  seqNum,
  parentSeqNum: seqNum - 1,
  name: "n",
  clientId: "c",
  sessionId: "s",
})

/** Two pushes, a stale third, and a live pull beside them: what was acknowledged, stored and delivered. */
const episode = (provider: Provider) => {
  const program = Effect.scoped(
    Effect.gen(function* () {
      const services = yield* Layer.build(provider.layer)
      const host = yield* ProviderHost.pipe(Effect.provide(services))
      const open = (clientId: string) => host.open({ storeId: "s", clientId, memory: clientMemoryOver(new Map()) })
      const [a, b] = [yield* open("a"), yield* open("b")]
      const delivered: Array<number> = []
      const live = yield* Effect.forkChild(
        Stream.runForEach(b.pull(Option.none(), { live: true }), ({ events }) =>
          Effect.sync(() => void delivered.push(...events.map((pulled) => pulled.event.seqNum))),
        ),
      )
      yield* Effect.sleep(100)
      const outcomes: Array<string> = []
      for (const batch of [[event(1)], [event(2)], [event(2)]]) {
        const exit = yield* Effect.exit(a.push(batch))
        outcomes.push(Exit.isSuccess(exit) ? "acknowledged" : "refused")
      }
      yield* Effect.sleep(5_000)
      yield* Fiber.interrupt(live)
      const stored = (yield* host.inspect!("s")).map(({ seqNum }) => seqNum)
      return { outcomes, stored, delivered }
    }),
  )
  const result = runVirtual(1, program)
  if (result._tag !== "done" || Exit.isFailure(result.exit)) throw new Error(JSON.stringify(result))
  return result.exit.value
}

const base = { clause: "push/one", source: "contract", anomaly: "lost-ack" } as const

/** Acknowledges the second batch and never stores it. */
const forgetful: Mutant = {
  ...base,
  id: "test#forgetful",
  title: "forgets the second batch",
  seam: "backend.append",
  make: (fire) => {
    const second = onNth(2)
    return {
      backend: {
        append: (call) => {
          if (!second()) return reference.backend.append(call)
          fire()
          return Effect.succeed(true)
        },
      },
    }
  },
}

/** Admits what stands behind the head. */
const lax: Mutant = {
  ...base,
  id: "test#lax",
  title: "admits a stale parent",
  seam: "backend.admit",
  make: (fire) => ({
    backend: {
      admit: (call) => {
        const parent = call.events[0]?.parentSeqNum ?? call.head
        if (parent >= call.head) return reference.backend.admit(call)
        fire()
        return reference.backend.admit({ ...call, head: parent })
      },
    },
  }),
}

/** Live pulls look again for nothing that they are told of. */
const deaf: Mutant = {
  ...base,
  id: "test#deaf",
  title: "hears of nothing",
  seam: "client.onPoke",
  make: (fire) => ({
    client: {
      onPoke: (call) => {
        if (reference.client.onPoke(call)) fire()
        return false
      },
    },
  }),
}

const episodeWith = (mutant: Mutant) => {
  const { provider, fired } = planted(mutant)
  return { ...episode(provider), fired: fired() }
}

describe("mutants", () => {
  it("leave the mock alone while none is planted", () => {
    const healthy = { outcomes: ["acknowledged", "acknowledged", "refused"], stored: [1, 2], delivered: [1, 2] }
    expect(episode(mock)).toEqual(healthy)
  })

  it("acknowledge what they never store", () => {
    expect(episodeWith(forgetful)).toMatchObject({
      outcomes: ["acknowledged", "acknowledged", "acknowledged"],
      stored: [1, 2],
      fired: 1,
    })
  })

  it("admit a batch that stands behind the head", () => {
    expect(episodeWith(lax)).toMatchObject({
      outcomes: ["acknowledged", "acknowledged", "acknowledged"],
      stored: [1, 2, 2],
      fired: 1,
    })
  })

  it("leave a live pull without what it was told of", () => {
    const { delivered, stored, fired } = episodeWith(deaf)
    expect({ delivered, stored }).toEqual({ delivered: [], stored: [1, 2] })
    expect(fired).toBeGreaterThan(0)
  })

  it("begin afresh on every host", () => {
    const mutant = planted(forgetful)
    episode(mutant.provider)
    episode(mutant.provider)
    expect(mutant.fired()).toBe(2)
  })

  it("have ids of their own and name clauses of the contract", () => {
    const ids = mutants.map(({ id }) => id)
    expect(new Set(ids).size).toBe(ids.length)
    const clauses = new Set(catalogue.map(({ id }) => id))
    expect(mutants.filter(({ clause }) => !clauses.has(clause))).toEqual([])
  })
})
