import type { AnomalyName } from "../../contract/anomaly.ts"
import type { ConnectionState } from "./core/connection-state.ts"
import type { LoggedEvent, LogHead } from "./core/log-store.ts"
import type { Connection } from "./core/connection.ts"
import { d1Mutants } from "./d1-mutants.ts"
import { rpcMutants } from "./rpc-mutants.ts"
import { referenceSeams } from "./core/reference-seams.ts"
import type { Seams } from "./core/seams.ts"
import { forgetsSubscriptions, namesNoNewHead } from "./forgetful.ts"
import type { CloudflareForm } from "./form.ts"

/** A planted bug of the Worker. What triggers it is a counter or a predicate, never time or chance. */
export interface CloudflareMutant {
  /** Unique; the clause and a word: "life/hibernates#pinned". */
  readonly id: string
  /** The clause whose check must catch it. */
  readonly clause: string
  /** What the checkers must call it. */
  readonly anomaly: AnomalyName
  /** The form that it is planted in; default: over WebSockets, on Durable Object SQLite. */
  readonly form?: CloudflareForm
  /** What is wrong, in a few words. */
  readonly title: string
  /** "contract", or the bug catalogue's id: "N02". */
  readonly source: string
  /**
   * The seams that are replaced, made anew for each object that comes to life. `fire` is called each time that
   * something becomes other than it should be.
   */
  readonly make: (fire: () => void) => Partial<Seams>
}

const pinned: CloudflareMutant = {
  id: "life/hibernates#pinned",
  clause: "life/hibernates",
  anomaly: "restless",
  title: "a timer keeps the object in memory",
  source: "N02",
  make: (fire) => ({ wake: () => void setInterval(fire, 2_000) }),
}

const pullIds: CloudflareMutant = {
  id: "life/small-attachment#pull-ids",
  clause: "life/small-attachment",
  anomaly: "leak",
  title: "each pull's id is appended to the socket's attachment",
  source: "X02",
  make: (fire) => ({
    attachment: (state, message) => {
      const next: ConnectionState & { readonly pulls?: ReadonlyArray<string> } = referenceSeams.attachment(
        state,
        message,
      )
      if (message.t !== "pull") return next
      fire()
      return { ...next, pulls: [...(next.pulls ?? []), `pull-${message.id}`] } as ConnectionState
    },
  }),
}

const forgottenSubscriptions: CloudflareMutant = {
  id: "live/after-restart#forgotten",
  clause: "live/after-restart",
  anomaly: "silent-live",
  title: "subscriptions live in memory, so that an object that wakes has none, and heartbeats name no new head",
  source: "M02",
  make: forgetsSubscriptions,
}

const idInMemory: CloudflareMutant = {
  id: "reset/id-stable#in-memory",
  clause: "reset/id-stable",
  anomaly: "identity-false",
  title: "the backendId lives in memory, so that an object that wakes has another",
  source: "I01",
  make: (fire) => {
    let backendId: string | undefined
    return {
      identity: (sql, newBackendId) => {
        const head = referenceSeams.identity(sql, newBackendId)
        if (backendId === undefined && head.position > 0) fire()
        backendId ??= newBackendId()
        return { ...head, backendId }
      },
    }
  },
}

const cachedHead: CloudflareMutant = {
  id: "reset/wipe-under-running#cached-head",
  clause: "reset/wipe-under-running",
  // The pushed event stands on one that is gone, so that no client can read the log any more.
  anomaly: "lost-ack",
  title: "identity and head are read once and trusted from then on",
  source: "S02",
  make: (fire) => {
    let cached: LogHead | undefined
    return {
      identity: (sql, newBackendId) => {
        if (cached !== undefined) {
          const [row] = [...sql.read("SELECT COUNT(*) AS events FROM event")]
          if (row?.["events"] !== cached.position) fire()
        }
        return (cached ??= referenceSeams.identity(sql, newBackendId))
      },
      setHead: (sql, head) => {
        cached = head
        referenceSeams.setHead(sql, head)
      },
    }
  },
}

const authorisedOnce: CloudflareMutant = {
  id: "payload/expires#asked-once",
  clause: "payload/expires",
  anomaly: "payload-bleed",
  title: "the application is asked on connect alone",
  source: "T08",
  make: (fire) => ({
    authorise: (application, hook, session) => {
      const rejected = referenceSeams.authorise(application, hook, session)
      if (rejected === undefined || hook === "connect") return rejected
      fire()
      return undefined
    },
  }),
}

const halfBatch: CloudflareMutant = {
  id: "push/atomic#half-batch",
  clause: "push/atomic",
  anomaly: "torn-batch",
  title: "a statement that fails ends the push, and what was written before it stays",
  source: "contract",
  make: (fire) => {
    let failed: unknown
    return {
      append: (sql, head, batch) => {
        let now = head
        for (const event of batch) {
          try {
            now = referenceSeams.append(sql, now, [event])
          } catch (error) {
            if (now.position > head.position) fire()
            failed = error
            return now
          }
        }
        return now
      },
      acknowledge: (head) => {
        if (failed === undefined) return head
        failed = undefined
        throw new Error("a statement failed")
      },
    }
  },
}

const cachedPage: CloudflareMutant = {
  id: "pull/read-your-writes#cached-page",
  clause: "pull/read-your-writes",
  anomaly: "stale-read",
  title: "the first page is read once and given to every later pull",
  source: "S03",
  make: (fire) => {
    let first: ReadonlyArray<LoggedEvent> | undefined
    return {
      readPage: (sql, position, bounds) => {
        const events = referenceSeams.readPage(sql, position, bounds)
        if (position > 0 || events.length === 0) return events
        if (first !== undefined && first.length !== events.length) fire()
        return (first ??= events)
      },
      // Nothing remains behind a page that is thought to be all there is.
      pageInfo: () => referenceSeams.pageInfo(0),
    }
  },
}

const neverUnsubscribed: CloudflareMutant = {
  id: "live/interrupt#kept",
  clause: "live/interrupt",
  anomaly: "leak",
  title: "a live pull that ends stays registered",
  source: "N01",
  make: (fire) => ({
    subscribe: (state, live) => {
      if (live < state.live) fire()
      return Math.max(state.live, live)
    },
  }),
}

const greetingsInMemory: CloudflareMutant = {
  id: "life/evict#greetings-in-memory",
  clause: "life/evict",
  // The push that comes next ends its connection, where nothing but a delay is allowed.
  anomaly: "wrong-refusal",
  title: "who has greeted lives in memory, so that an object that wakes takes its clients for strangers",
  source: "contract",
  make: (fire) => ({
    wake: (connections) => {
      for (const connection of connections()) {
        const state = connection.state()
        if (!state.greeted) continue
        fire()
        connection.keep({ ...state, greeted: false })
      }
    },
  }),
}

/** Where each life stood when this script first met it: an eviction does not end the script. */
const metAt = new Map<string, number>()

const oldRowsMigrated: CloudflareMutant = {
  id: "life/deploy#old-rows-migrated",
  clause: "life/deploy",
  anomaly: "corrupted",
  title: "a new script reads events that were stored without arguments before it as if they had null",
  source: "I06, X07",
  make: (fire) => {
    let old = 0
    return {
      identity: (sql, newBackendId) => {
        const head = referenceSeams.identity(sql, newBackendId)
        if (!metAt.has(head.backendId)) metAt.set(head.backendId, head.position)
        old = metAt.get(head.backendId) ?? 0
        return head
      },
      readPage: (sql, position, bounds) =>
        referenceSeams.readPage(sql, position, bounds).map((event, index) => {
          if (position + index >= old || event.args !== undefined) return event
          fire()
          return { ...event, args: "null" }
        }),
    }
  },
}

const spinning: CloudflareMutant = {
  id: "life/idle-cpu#spinning",
  clause: "life/idle-cpu",
  anomaly: "restless",
  title: "while a connection has a live pull, a timer looks for news all the time",
  source: "contract",
  make: (fire) => {
    const looking = new Map<string, ReturnType<typeof setInterval>>()
    /**
     * A fraction of a millisecond of work, counted and not timed: no clock moves meanwhile. Five of these take a tenth of
     * a core, five times what is allowed; more would make whatever runs beside them late.
     */
    const look = (): void => {
      fire()
      const seen = Array.from({ length: 5_000 }, (_, n) => n % 7)
      seen.sort((a, b) => a - b)
    }
    return {
      subscribe: (state, live) => {
        clearInterval(looking.get(state.id))
        looking.delete(state.id)
        if (live > 0) looking.set(state.id, setInterval(look, 20))
        return live
      },
    }
  },
}

const http: CloudflareForm = { transport: "http", storage: "do" }

const neverLetGo: CloudflareMutant = {
  id: "live/interrupt#held-for-ever",
  clause: "live/interrupt",
  anomaly: "leak",
  form: http,
  title: "a held request whose client is gone stays subscribed",
  source: "N01",
  make: (fire) => ({ letGo: fire }),
}

const deafAtFirst: CloudflareMutant = {
  id: "live/others#deaf-at-first",
  clause: "live/others",
  anomaly: "silent-live",
  form: http,
  title: "the first commit after a held request was opened is not told to it, and heartbeats name no new head",
  source: "M02",
  make: (fire) => {
    const heard = new WeakSet<Connection>()
    return {
      publish: (connections) =>
        [...connections].filter((connection) => {
          if (heard.has(connection)) return true
          heard.add(connection)
          fire()
          return false
        }),
      announce: namesNoNewHead(),
    }
  },
}

/** Planted bugs of the Worker, which `makeCloudflare(form, { mutant: id })` runs with. */
export const cloudflareMutants: ReadonlyArray<CloudflareMutant> = [
  pinned,
  pullIds,
  forgottenSubscriptions,
  idInMemory,
  cachedHead,
  authorisedOnce,
  halfBatch,
  cachedPage,
  neverUnsubscribed,
  greetingsInMemory,
  oldRowsMigrated,
  spinning,
  ...d1Mutants,
  ...rpcMutants,
  neverLetGo,
  deafAtFirst,
]

/** The seams to run with: the reference ones, or those of a mutant. */
export const seamsOf = (mutant: string | undefined, fire: () => void): Seams => {
  if (mutant === undefined || mutant === "") return referenceSeams
  const planted = cloudflareMutants.find(({ id }) => id === mutant)
  if (planted === undefined) throw new Error(`there is no mutant called ${mutant}`)
  return { ...referenceSeams, ...planted.make(fire) }
}
