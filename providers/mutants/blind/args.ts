import { Effect } from "effect"
import { reference } from "../../mock/seams.ts"
import type { WireEvent } from "../../mock/wire.ts"
import type { Mutant } from "../mutant.ts"

const { client } = reference

/** Changes the text of arguments as they are pushed; undefined drops them. */
const pushedArgs =
  (change: (args: string) => string | undefined) =>
  (fire: () => void): ReturnType<Mutant["make"]> => ({
    client: {
      encodeBatch: (batch) =>
        Effect.map(client.encodeBatch(batch), (events) =>
          events.map((event): WireEvent => {
            const { args, ...rest } = event
            if (args === undefined) return event
            const changed = change(args)
            if (changed === args) return event
            fire()
            return changed === undefined ? rest : { ...rest, args: changed }
          }),
        ),
    },
  })

/** What becomes of arguments on their way. */
export const blindArgs: ReadonlyArray<Mutant> = [
  {
    id: "args/fidelity#null-is-absent",
    clause: "args/fidelity",
    title: "arguments that are null are dropped",
    source: "T02, X04",
    seam: "client.encodeBatch",
    anomaly: "corrupted",
    make: pushedArgs((args) => (args === "null" ? undefined : args)),
  },
  {
    id: "args/fidelity#digits-become-numbers",
    clause: "args/fidelity",
    title: "text of sixteen digits and more is sent as a number, and loses its end",
    source: "G05, X04",
    seam: "client.encodeBatch",
    anomaly: "corrupted",
    make: pushedArgs((args) => args.replaceAll(/(?<=[:,[]|^)"([1-9]\d{15,})"(?!:)/g, "$1")),
  },
  {
    id: "args/fidelity#line-separators",
    clause: "args/fidelity",
    title: "U+2028 and U+2029 in the arguments are taken for the ends of lines",
    source: "X04",
    seam: "client.encodeBatch",
    anomaly: "corrupted",
    make: pushedArgs((args) => args.replaceAll(/[\u2028\u2029]/g, "\\n")),
  },
  {
    id: "args/fidelity#composed-when-live",
    clause: "args/fidelity",
    title: "a live pull delivers text in composed form (NFC), whatever form was pushed",
    source: "X04",
    seam: "client.deliver",
    anomaly: "corrupted",
    make: (fire) => ({
      client: {
        deliver: ({ item, live }) => {
          if (!live) return [item]
          const events = item.events.map((pulled) => {
            if (pulled.event.args === undefined) return pulled
            const text = JSON.stringify(pulled.event.args)
            const composed = text.normalize("NFC")
            if (composed === text) return pulled
            fire()
            return { ...pulled, event: { ...pulled.event, args: JSON.parse(composed) as unknown } }
          })
          return [{ ...item, events }]
        },
      },
    }),
  },
  {
    id: "args/fidelity#objects-alone",
    clause: "args/fidelity",
    title: "an event whose arguments are no object is left out of what is delivered",
    source: "G08",
    seam: "client.deliver",
    anomaly: "gap",
    make: (fire) => ({
      client: {
        deliver: ({ item }) => {
          const events = item.events.filter(({ event: { args } }) => {
            const fits = args === undefined || (typeof args === "object" && args !== null && !Array.isArray(args))
            if (!fits) fire()
            return fits
          })
          return [{ ...item, events }]
        },
      },
    }),
  },
]
