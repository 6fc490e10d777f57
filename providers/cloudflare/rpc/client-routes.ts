import type { Hint } from "../client/link.ts"
import { pingFrame } from "../wire.ts"
import type { RpcCaller, StoreRpc } from "./calls.ts"
import type { ClientNow, ClientRow } from "./client-rows.ts"
import type { RpcRoute } from "./rpc-socket.ts"

/** Registrations with the store's object, one after the other, each known by its id in the client's row. */
export const clientRoutes = (parts: {
  readonly row: ClientRow
  readonly restored: boolean
  readonly objectName: string
  readonly life: number
  readonly store: StoreRpc
  readonly change: (next: Partial<ClientNow>) => void
}): { readonly next: () => RpcRoute & { readonly resumed: Hint | undefined } } => {
  const { row, store } = parts
  /** The registration from before the object slept serves the first connection. */
  let resumable = parts.restored ? row.now.connection : undefined

  return {
    next: () => {
      const connection = resumable ?? crypto.randomUUID()
      const resumed = resumable === undefined ? undefined : row.now.hint
      resumable = undefined
      if (resumed === undefined) parts.change({ connection })
      const caller: RpcCaller = { connection, client: parts.objectName, life: parts.life }
      return {
        resumed,
        frame: async (frame) => {
          const answer = await store.rpcFrame(caller, frame)
          if (row.now.connection === connection) {
            const hint = hintOf(answer.frames)
            if (hint !== undefined) row.now = { ...row.now, hint }
            if (answer.closed) parts.change({ connection: undefined })
            else if (hint !== undefined && (frame === pingFrame || frame.startsWith(`{"t":"hello"`))) parts.change({})
          }
          return answer
        },
        end: () => {
          if (row.now.connection === connection) parts.change({ connection: undefined })
          // A store that cannot be reached now finds out by itself that nobody is there.
          store.rpcEnd(connection).catch(() => undefined)
        },
      }
    },
  }
}

/** The head that the last of these frames names, in its first characters. */
export const hintOf = (frames: ReadonlyArray<string>): Hint | undefined => {
  const [, backendId, head] = /"backendId":"([^"]*)","head":(\d+)/.exec(frames.at(-1)?.slice(0, 300) ?? "") ?? []
  return backendId === undefined ? undefined : { backendId, head: Number(head) }
}
