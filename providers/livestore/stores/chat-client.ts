import { makeAdapter } from "@livestore/adapter-node"
import type { SyncBackend } from "@livestore/common"
import { createStorePromise, type Store } from "@livestore/livestore"
import { LogLevel } from "effect"
import type { Json } from "../../../contract/json.ts"
import { chatEvents, chatSchema } from "./chat-schema.ts"

/** One person's chat app: a real store with its leader, in this process. */
export interface ChatClient {
  readonly name: string
  /** Says so many messages in one commit, and gives their ids. */
  readonly say: (options?: { readonly count?: number; readonly sizeBytes?: number; readonly slowMs?: number }) => void
  /** Every message that was said here, in this and in earlier runs of the app. */
  readonly said: ReadonlyArray<string>
  /** The messages that the app shows. */
  readonly shown: () => ReadonlyArray<string>
  /** How many of its messages wait for the backend; undefined when the store cannot tell any more. */
  readonly pending: () => Promise<number | undefined>
  /** Why the store does not run, in one line. */
  readonly broken: () => string | undefined
  /** Closes the app and opens it again on the same files. */
  readonly restart: () => Promise<void>
  readonly close: () => Promise<void>
}

/** With what a chat is opened. */
export interface ChatOptions {
  readonly name: string
  readonly backend: SyncBackend.SyncBackendConstructor
  /** Where its databases are kept. */
  readonly directory: string
  readonly payload?: Json
}

const room = "lobby"
const openMs = 15_000

const within = <A>(promise: Promise<A>, ms: number, late: string): Promise<A> => {
  const { promise: timedOut, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(new Error(late)), ms)
  return Promise.race([promise, timedOut]).finally(() => clearTimeout(timer))
}

const messagesIn = (events: ReadonlyArray<{ readonly name: string }>): number =>
  events.filter(({ name }) => name !== "chat.RoomOpened").length

const oneLine = (error: unknown): string => String(error).split("\n")[0]?.slice(0, 200) ?? ""

/**
 * Opens a chat. Its store has a name of its own, because stores of one name in one process tell each other to shut
 * down, as those of two machines do not. A store that does not open is `broken`, and may be opened again.
 */
export const openChat = async ({ name, backend, directory, payload }: ChatOptions): Promise<ChatClient> => {
  const said: Array<string> = []
  let store: Store<typeof chatSchema> | undefined
  let broken: string | undefined

  const open = async (): Promise<void> => {
    broken = undefined
    const opening = createStorePromise({
      storeId: `chat-${name}`,
      schema: chatSchema,
      disableDevtools: true,
      logLevel: LogLevel.None,
      adapter: makeAdapter({
        storage: { type: "fs", baseDirectory: directory },
        clientId: name,
        sync: { backend },
      }),
      ...(payload !== undefined && { syncPayload: payload as never }),
    })
    store = await within(opening, openMs, "the store did not open").catch((error: unknown) => {
      broken = oneLine(error)
      return undefined
    })
  }
  const close = async (): Promise<void> => {
    await within(store?.shutdownPromise() ?? Promise.resolve(), 5_000, "the store did not close").catch(() => undefined)
    store = undefined
  }
  const shown = (): ReadonlyArray<string> => {
    try {
      const rows = store?.query<ReadonlyArray<{ readonly id: string }>>({
        query: "SELECT id FROM messages",
        bindValues: {},
      })
      return rows?.map(({ id }) => id) ?? []
    } catch (error) {
      broken ??= oneLine(error)
      return []
    }
  }
  await open()
  return {
    name,
    said,
    shown,
    broken: () => broken,
    say: ({ count = 1, sizeBytes = 0, slowMs } = {}) => {
      const ids = Array.from({ length: count }, (_, at) => `${name}${said.length + at + 1}`)
      const messages = ids.map((id) => ({ id, room, text: `${id} `.padEnd(sizeBytes, "x") }))
      try {
        store?.commit(
          ...(said.length === 0 ? [chatEvents.roomOpened({ id: room })] : []),
          ...messages.map((one) =>
            slowMs === undefined ? chatEvents.said(one) : chatEvents.slow({ ...one, ms: slowMs }),
          ),
        )
        // What was not taken was not said.
        if (store !== undefined) said.push(...ids)
      } catch (error) {
        broken ??= oneLine(error)
      }
    },
    pending: () =>
      within(store?._dev.syncStates() ?? Promise.reject(new Error("closed")), 10_000, "no answer").then(
        ({ session, leader }) => Math.max(messagesIn(leader.pending), messagesIn(session.pending)),
        () => undefined,
      ),
    restart: async () => {
      await close()
      await open()
    },
    close,
  }
}
