import { Effect } from "effect"
import { InvalidPush } from "../../contract/errors.ts"
import type { EventEncoded } from "../../contract/event.ts"
import { reference, type MockSeams } from "../mock/seams.ts"
import type { Mutant } from "./mutant.ts"

/** Changes events before the client encodes them. */
const encodes = (fire: () => void, change: (event: EventEncoded) => EventEncoded): Partial<MockSeams> => ({
  client: {
    encodeBatch: (batch) =>
      reference.client.encodeBatch(
        batch.map((event) => {
          const changed = change(event)
          if (changed !== event) fire()
          return changed
        }),
      ),
  },
})

/** Changes values inside the arguments as they stand in JSON. `change` gets each key and value, innermost first. */
const revives = (event: EventEncoded, change: (key: string, value: unknown) => unknown): EventEncoded => {
  const text = textOf(event.args)
  if (text === undefined) return event
  const args: unknown = JSON.parse(text, change)
  return JSON.stringify(args) === text ? event : { ...event, args }
}

/** The arguments as JSON; undefined where there are none or they have no JSON. */
const textOf = (args: unknown): string | undefined => {
  try {
    return JSON.stringify(args)
  } catch {
    return undefined
  }
}

/** Copies by assignment, as a careless merge does. */
const assigned = (value: unknown): unknown => {
  if (typeof value !== "object" || value === null) return value
  if (Array.isArray(value)) return value.map(assigned)
  const copy: Record<string, unknown> = {}
  for (const [key, inner] of Object.entries(value)) copy[key] = assigned(inner)
  return copy
}

const cutBelow = (value: unknown, levels: number): unknown => {
  if (typeof value !== "object" || value === null) return value
  if (levels === 0) return null
  return Array.isArray(value)
    ? value.map((inner) => cutBelow(inner, levels - 1))
    : Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, cutBelow(inner, levels - 1)]))
}

const base = {
  clause: "args/fidelity",
  check: "args/fidelity",
  seam: "client.encodeBatch",
  anomaly: "corrupted",
} as const

const unencodable = (event: EventEncoded): boolean => event.args !== undefined && textOf(event.args) === undefined

/** Planted bugs in how arguments travel. */
export const argsMutants: ReadonlyArray<Mutant> = [
  {
    ...base,
    id: "args/fidelity#absent-is-null",
    title: "absent arguments become null",
    source: "T02",
    make: (fire) => encodes(fire, (event) => (event.args === undefined ? { ...event, args: null } : event)),
  },
  {
    ...base,
    id: "args/fidelity#undefined-is-null",
    title: "members that are undefined become null instead of being dropped",
    source: "X04",
    make: (fire) =>
      encodes(fire, (event) => {
        const text = textOf(event.args)
        if (text === undefined) return event
        const kept = JSON.stringify(event.args, (_, value: unknown) => (value === undefined ? null : value))
        return kept === text ? event : { ...event, args: JSON.parse(kept) as unknown }
      }),
  },
  {
    ...base,
    id: "args/fidelity#null-text",
    title: "the text NULL becomes null",
    source: "X04",
    make: (fire) => encodes(fire, (event) => revives(event, (_, value) => (value === "NULL" ? null : value))),
  },
  {
    ...base,
    id: "args/fidelity#trap-keys",
    title: "arguments are copied by assignment, so that a key __proto__ is lost",
    source: "contract",
    make: (fire) =>
      encodes(fire, (event) => {
        const text = textOf(event.args)
        if (text === undefined) return event
        const args = assigned(JSON.parse(text))
        return JSON.stringify(args) === text ? event : { ...event, args }
      }),
  },
  {
    ...base,
    id: "args/fidelity#rounded",
    title: "numbers keep fifteen digits",
    source: "contract",
    make: (fire) =>
      encodes(fire, (event) =>
        revives(event, (_, value) => (typeof value === "number" ? Number(value.toPrecision(15)) : value)),
      ),
  },
  {
    ...base,
    id: "args/fidelity#empty-dropped",
    title: "members that are empty objects are dropped",
    source: "X04",
    make: (fire) =>
      encodes(fire, (event) =>
        revives(event, (key, value) => (key !== "" && JSON.stringify(value) === "{}" ? undefined : value)),
      ),
  },
  {
    ...base,
    id: "args/fidelity#shallow",
    title: "arguments below the hundredth level become null",
    source: "contract",
    make: (fire) =>
      encodes(fire, (event) => {
        const text = textOf(event.args)
        if (text === undefined) return event
        const args = cutBelow(JSON.parse(text), 100)
        return JSON.stringify(args) === text ? event : { ...event, args }
      }),
  },
  {
    ...base,
    id: "args/fidelity#normalised-live",
    title: "texts in events that are delivered live are normalised",
    source: "X04",
    seam: "client.deliver",
    make: (fire) => ({
      client: {
        deliver: ({ item, live }) => {
          if (!live) return [item]
          const events = item.events.map((pulled) => {
            const event = revives(pulled.event, (_, value) =>
              typeof value === "string" ? value.normalize("NFC") : value,
            )
            if (event !== pulled.event) fire()
            return { ...pulled, event }
          })
          return [{ ...item, events }]
        },
      },
    }),
  },
  {
    ...base,
    id: "args/fidelity#surrogates-replaced",
    check: "args/fidelity#surrogates",
    title: "lone surrogates are replaced, as an encoder to UTF-8 does",
    source: "X04",
    make: (fire) =>
      encodes(fire, (event) =>
        revives(event, (_, value) => (typeof value === "string" ? value.toWellFormed() : value)),
      ),
  },
  {
    ...base,
    id: "args/fidelity#nul-dropped",
    check: "args/fidelity#surrogates",
    title: "NUL is dropped from texts",
    source: "X04",
    make: (fire) =>
      encodes(fire, (event) =>
        revives(event, (_, value) => (typeof value === "string" ? value.replaceAll("\u0000", "") : value)),
      ),
  },
  {
    ...base,
    id: "args/fidelity#refused-in-part",
    check: "args/fidelity#surrogates",
    title: "a batch with a NUL is stored up to the event that has it, and refused",
    source: "F02",
    seam: "backend.append",
    anomaly: "refused-but-stored",
    make: (fire) => ({
      backend: {
        append: (call) =>
          Effect.gen(function* () {
            const at = call.events.findIndex(({ args }) => args?.includes("\\u0000") === true)
            if (at < 1) return yield* reference.backend.append(call)
            fire()
            const before = call.events.slice(0, at)
            yield* reference.backend.append({ ...call, events: before, head: before.at(-1)!.seqNum })
            return yield* Effect.die(new Error("unsupported character"))
          }),
      },
    }),
  },
  {
    id: "args/invalid#rest-is-sent",
    clause: "args/invalid",
    title: "arguments that have no JSON are left out, and the batch is sent",
    source: "G08",
    seam: "client.encodeBatch",
    anomaly: "corrupted",
    make: (fire) =>
      encodes(fire, (event) => {
        if (!unencodable(event)) return event
        const { args: _, ...bare } = event
        return bare
      }),
  },
  {
    id: "args/invalid#dies",
    clause: "args/invalid",
    title: "a push of arguments that have no JSON dies instead of failing",
    source: "E06",
    seam: "client.encodeBatch",
    anomaly: "defect",
    make: (fire) => ({
      client: {
        encodeBatch: (batch) => {
          if (!batch.some(unencodable)) return reference.client.encodeBatch(batch)
          fire()
          return Effect.die(new TypeError("the batch has no JSON"))
        },
      },
    }),
  },
  {
    id: "args/invalid#prefix-is-sent",
    clause: "args/invalid",
    title: "the events before the one whose arguments have no JSON are sent, and the push fails",
    source: "F02",
    seam: "client.sendPush",
    anomaly: "refused-but-stored",
    make: (fire) => {
      const broken = new WeakSet<object>()
      return {
        client: {
          encodeBatch: (batch) =>
            Effect.gen(function* () {
              const at = batch.findIndex(unencodable)
              if (at < 1) return yield* reference.client.encodeBatch(batch)
              fire()
              const events = yield* reference.client.encodeBatch(batch.slice(0, at))
              broken.add(events)
              return events
            }),
          sendPush: (call) =>
            Effect.map(reference.client.sendPush(call), (answer) =>
              broken.has(call.events)
                ? {
                    t: "refused",
                    id: 1,
                    error: { tag: "InvalidPush", message: new InvalidPush({ message: "no JSON" }).message },
                  }
                : answer,
            ),
        },
      }
    },
  },
]
