import type { AsyncClientMemory, AsyncPullItem, AsyncSyncProvider } from "../../../contract/async.ts"
import type { EventEncoded } from "../../../contract/event.ts"
import type { Json } from "../../../contract/json.ts"
import type { StartedHost } from "../../from-async.ts"
import type { LivestoreForm } from "../../livestore-host/form.ts"
import { startHost } from "../../livestore-host/host.ts"
import { startRelay, type Relay } from "./relay.ts"
import { closing, inRounds } from "./rounds.ts"

/** One live or finite pull that is read as fast as it delivers. */
export interface Reader {
  readonly items: ReadonlyArray<AsyncPullItem>
  /** The numbers of all delivered events, in the order of their delivery. */
  readonly seqNums: () => ReadonlyArray<number>
  readonly ended: () => string | undefined
  readonly stop: () => void
  /** Waits until the condition holds; false when the time ran out. */
  readonly until: (condition: () => boolean, withinMs: number) => Promise<boolean>
}

/** LiveStore's worker in workerd, LiveStore's clients in this process, and a relay between them. */
export interface Lab {
  readonly host: StartedHost
  readonly relay: Relay
  /** A client behind the relay. Clients with the same `memory` are processes of one client. */
  readonly open: (
    storeId: string,
    options?: { readonly payload?: Json; readonly memory?: Map<string, string> },
  ) => Promise<AsyncSyncProvider>
  readonly read: (client: AsyncSyncProvider, options: { readonly live: boolean; readonly cursor?: number }) => Reader
  /** How a promise has ended by then, in words; prints it with the time that it took. */
  readonly outcome: (what: string, promise: Promise<unknown>, withinMs: number) => Promise<string>
  readonly say: (text: string) => void
}

/** Never aborted. */
export const never = new AbortController().signal

/** Waits. */
export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

/** A chain of events with these numbers on `parent`. */
export const chain = (parent: number, count: number, more: Partial<EventEncoded> = {}): ReadonlyArray<EventEncoded> =>
  Array.from({ length: count }, (_, at) => ({
    seqNum: parent + at + 1,
    parentSeqNum: parent + at,
    name: "demo",
    args: { n: parent + at + 1 },
    clientId: "demo",
    sessionId: "demo",
    ...more,
  }))

/** A client's memory over a map. */
export const memoryOf = (values = new Map<string, string>()): AsyncClientMemory => ({
  get: async (key) => values.get(key),
  set: async (key, value) => void values.set(key, value),
  remove: async (key) => void values.delete(key),
})

/** Pushes `count` events in batches of 100 on an empty store. */
export const fill = async (client: AsyncSyncProvider, count: number): Promise<void> => {
  for (let at = 0; at < count; at += 100) await client.push(chain(at, Math.min(100, count - at)), never)
}

/**
 * Runs a demonstration in a lab of its own and sets the exit code: 0 when the failure shows (`run` gives true), 1
 * when it does not. `--times N` tries it so often.
 */
export const demonstrate = async (
  title: string,
  run: (lab: Lab) => Promise<boolean>,
  form: LivestoreForm = { transport: "ws", storage: "do" },
): Promise<void> => {
  console.log(title)
  const host = await startHost(form)
  const round = async (n: number): Promise<boolean> => {
    if (n > 0) await host.reset?.()
    const relay = await startRelay(() => host.endpoint?.target() ?? { host: "127.0.0.1", port: 0 })
    const say = clockedSay()
    const { keep, close } = closing()
    const openHere = openIn(host, relay)
    const open: Lab["open"] = (storeId, options) => keep(openHere(storeId, options))
    try {
      return await run({ host, relay, open, read, outcome: outcomeWith(say), say })
    } finally {
      await close()
      await relay.stop()
    }
  }
  try {
    await inRounds(round)
  } finally {
    await host.stop?.()
  }
  // LiveStore's clients may have timers left; nothing of them is of use any more.
  process.exit()
}

/** Prints with the time since now. */
export const clockedSay = (): Lab["say"] => {
  const startedMs = performance.now()
  return (text) => console.log(`${String(Math.round(performance.now() - startedMs)).padStart(6)} ms  ${text}`)
}

const openIn =
  (host: StartedHost, relay: Relay): Lab["open"] =>
  (storeId, { payload, memory = new Map<string, string>() } = {}) =>
    host.open({
      storeId,
      clientId: "demo",
      address: relay.address,
      ...(payload !== undefined && { payload }),
      memory: memoryOf(memory),
    })

/** Reads a client's pull. */
export const read: Lab["read"] = (client, { live, cursor }) => {
  const abort = new AbortController()
  const items: Array<AsyncPullItem> = []
  let end: string | undefined
  const reading = async (): Promise<void> => {
    const from = cursor === undefined ? undefined : { eventSequenceNumber: cursor }
    for await (const item of client.pull(from, { live }, abort.signal)) items.push(item)
  }
  reading().then(
    () => (end = "completed"),
    (error) => (end = describe(error)),
  )
  return {
    items,
    seqNums: () => items.flatMap((item) => item.events.map(({ event }) => event.seqNum)),
    ended: () => end,
    stop: () => abort.abort(),
    until: async (condition, withinMs) => {
      for (const byMs = performance.now() + withinMs; performance.now() < byMs; await pause(5)) {
        if (condition()) return true
      }
      return condition()
    },
  }
}

const describe = (error: unknown): string => (error instanceof Error ? error.message : JSON.stringify(error))

/** Says how a promise has ended. */
export const outcomeWith =
  (say: Lab["say"]): Lab["outcome"] =>
  async (what, promise, withinMs) => {
    const startedMs = performance.now()
    const late = pause(withinMs).then(() => "pending")
    const ended = promise.then(
      () => "succeeded",
      (error) => `failed with ${describe(error)}`,
    )
    const result = await Promise.race([ended, late])
    say(`${what}: ${result} after ${Math.round(performance.now() - startedMs)} ms`)
    return result
  }
