import { Effect, Stream } from "effect"
import { noMore } from "../../../contract/event.ts"
import { mockCapabilities } from "../../mock/capabilities.ts"
import type { ClientIdentity, Position } from "../../mock/client/seams.ts"
import { reference } from "../../mock/seams.ts"
import type { Mutant } from "../mutant.ts"
import { wrapping } from "./kit.ts"

const { client } = reference

/** Live pulls as the client runs them. */
export const blindLiveClient: ReadonlyArray<Mutant> = [
  {
    id: "live/others#heads-compared-as-text",
    clause: "live/others",
    title: "the head that is heard of is compared with the cursor as text: after 9 comes nothing until 90",
    source: "G05",
    seam: "client.onPoke",
    anomaly: "silent-live",
    make: (fire) => ({
      client: {
        onPoke: (call) => {
          const news = String(call.head) > String(call.cursor)
          if (!news && client.onPoke(call)) fire()
          return news
        },
      },
    }),
  },
  {
    id: "live/after-drop#second-drop-goes-back",
    clause: "live/after-drop",
    title: "where a live pull stands is saved at its first drop, and at every later drop it goes on from there",
    source: "L05, B05",
    seam: "client.resumeAt",
    anomaly: "duplicate",
    make: (fire) => {
      const saved = new WeakMap<ClientIdentity, Map<number, Position>>()
      return {
        client: {
          resumeAt: (position, live) => {
            const positions = saved.get(live.client) ?? new Map<number, Position>()
            saved.set(live.client, positions)
            const first = positions.get(live.sub)
            if (first === undefined) {
              positions.set(live.sub, position)
              return position
            }
            if (first.after !== position.after) fire()
            return first
          },
        },
      }
    },
  },
  {
    id: "live/slow-consumer#last-sixteen-kept",
    clause: "live/slow-consumer",
    title: "of what comes while the consumer does not read the last sixteen items are kept",
    source: "N04",
    seam: "client.wrap",
    anomaly: "gap",
    make: wrapping(({ pull }, fire) => ({
      pull: (cursor, options) => {
        if (options?.live !== true) return pull(cursor, options)
        return Stream.suspend(() => {
          let waiting = 0
          return pull(cursor, options).pipe(
            Stream.tap(() => Effect.sync(() => void (++waiting > 17 && fire()))),
            Stream.buffer({ capacity: 16, strategy: "sliding" }),
            Stream.tap(() => Effect.sync(() => void (waiting -= 1))),
          )
        })
      },
    })),
  },
  {
    id: "live/history-then-stay#short-page-is-the-last",
    clause: "live/history-then-stay",
    title: "a live item with fewer events than a page holds says NoMore, also where its size cut it short",
    source: "R04, P05",
    seam: "client.deliver",
    anomaly: "live-join",
    make: (fire) => ({
      client: {
        deliver: ({ item, live }) => {
          const short = item.events.length < mockCapabilities.limits.pageEvents
          if (!live || !short || item.pageInfo._tag === "NoMore") return [item]
          fire()
          return [{ ...item, pageInfo: noMore }]
        },
      },
    }),
  },
  {
    id: "live/never-completes#thousand-is-enough",
    clause: "live/never-completes",
    title: "a live pull ends in peace once it has caught up and delivered a thousand events",
    source: "K05",
    seam: "client.staysOpen",
    anomaly: "silent-live",
    make: (fire) => ({
      client: {
        staysOpen: ({ delivered }) => {
          if (delivered < 1_000) return true
          fire()
          return false
        },
      },
    }),
  },
  {
    id: "store/many-on-one-client#seen-in-another",
    clause: "store/many-on-one-client",
    title: "a live event is dropped when another store of the same client has shown one of its number and name",
    source: "T05, G07",
    seam: "client.deliver",
    anomaly: "silent-live",
    make: (fire) => {
      const seen = new Map<string, string>()
      return {
        client: {
          deliver: ({ item, live, client: { clientId, storeId } }) => {
            if (!live || item.events.length === 0) return [item]
            const events = item.events.filter(({ event }) => {
              const key = `${clientId} ${storeId.slice(0, 4)} ${event.seqNum} ${event.name}`
              const where = seen.get(key)
              if (where === undefined) seen.set(key, storeId)
              if (where === undefined || where === storeId) return true
              fire()
              return false
            })
            return events.length === 0 ? [] : [{ ...item, events }]
          },
        },
      }
    },
  },
  {
    id: "store/many-on-one-client#resumes-where-another-stood",
    clause: "store/many-on-one-client",
    title: "where a dropped live pull goes on is kept by client and number: another store's position is taken for it",
    source: "T05, I05",
    seam: "client.resumeAt",
    anomaly: "wrong-refusal",
    make: (fire) => {
      const saved = new Map<string, { readonly storeId: string; readonly position: Position }>()
      return {
        client: {
          resumeAt: (position, { client: { clientId, storeId }, sub }) => {
            const key = `${clientId} ${sub}`
            const other = saved.get(key)
            saved.set(key, { storeId, position })
            const ahead = (other?.position.after ?? 0) > (position.after ?? 0)
            if (other === undefined || other.storeId === storeId || !ahead) return position
            fire()
            return { after: other.position.after ?? 0 }
          },
        },
      }
    },
  },
]
