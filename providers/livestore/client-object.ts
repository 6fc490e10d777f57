import type { CfTypes, DoState } from "@livestore/sync-cf/cf-worker"
import { handleSyncUpdateRpc, makeDoRpcSync } from "@livestore/sync-cf/client"
import { DurableObject } from "cloudflare:workers"
import { Clock } from "effect"
import type { AsyncPullItem, AsyncSyncProvider } from "../../contract/async.ts"
import { pieceReader, toPieces } from "../cloudflare/rpc/control-wire.ts"
import { receivedBatch, type ClientCommand, type ClientEvent } from "./client-wire.ts"
import type { ThrownFailure } from "../sync-backend/translate-error.ts"
import { openClient } from "./open-client.ts"

interface Env {
  readonly SYNC_BACKEND_DO: CfTypes.DurableObjectNamespace
}

const Base = DurableObject as unknown as new (state: DoState, env: Env) => { readonly ctx: DoState; readonly env: Env }

declare const WebSocketPair: new () => { readonly 0: CfTypes.WebSocket; readonly 1: CfTypes.WebSocket }

/**
 * A Durable Object in which LiveStore's RPC client runs, as its adapter for Cloudflare runs it: the backend's objects
 * call it back with what is new.
 */
export class ClientDO extends Base {
  /** LiveStore's backend calls this. */
  async syncUpdateRpc(payload: unknown): Promise<void> {
    await handleSyncUpdateRpc(payload)
  }

  /** The harness's socket; the client lives as long as it. */
  fetch(): Response {
    const { 0: near, 1: far } = new WebSocketPair()
    far.accept()
    serve(far, (command) => {
      const namespace = this.env.SYNC_BACKEND_DO
      const memory = new Map(command.memory)
      const tell = (key: string, value: string | null) => send(far, { c: "memory", key, value })
      return openClient(
        {
          storeId: command.storeId,
          clientId: command.clientId,
          ...("payload" in command && { payload: command.payload }),
          memory: {
            get: async (key) => memory.get(key),
            set: async (key, value) => {
              memory.set(key, value)
              tell(key, value)
            },
            remove: async (key) => {
              memory.delete(key)
              tell(key, null)
            },
          },
        },
        makeDoRpcSync({
          syncBackendStub: namespace.get(namespace.idFromName(command.storeId)) as never,
          durableObjectContext: { bindingName: "CLIENT_DO", durableObjectId: this.ctx.id.toString() },
        }),
        // Timers are not early here.
        { clock: Clock.make() },
      )
    })
    return new Response(null, { status: 101, webSocket: near } as ResponseInit)
  }
}

type Open = (command: Extract<ClientCommand, { readonly c: "open" }>) => Promise<AsyncSyncProvider>

const send = (socket: CfTypes.WebSocket, event: ClientEvent): void => {
  try {
    for (const piece of toPieces(event)) socket.send(piece)
  } catch {
    // The harness is gone.
  }
}

const serve = (socket: CfTypes.WebSocket, open: Open): void => {
  const read = pieceReader<ClientCommand>()
  const running = new Map<number, { readonly abort: AbortController; readonly pull?: AsyncIterator<AsyncPullItem> }>()
  const tell = (event: ClientEvent): void => send(socket, event)
  let client: Promise<AsyncSyncProvider> | undefined

  const end = async (): Promise<void> => {
    for (const { abort } of running.values()) abort.abort()
    await client?.then((opened) => opened.close()).catch(() => undefined)
  }
  const report = (op: number, work: Promise<unknown>): Promise<void> =>
    work.then(
      () => tell({ c: "ok", op }),
      (error: ThrownFailure) => tell({ c: "failed", op, error }),
    )
  const perform = async (
    { op }: { readonly op: number },
    work: (opened: AsyncSyncProvider, signal: AbortSignal) => Promise<unknown>,
  ): Promise<void> => {
    const abort = new AbortController()
    running.set(op, { abort })
    await report(
      op,
      client!.then((opened) => work(opened, abort.signal)),
    )
    running.delete(op)
  }
  const next = async (op: number): Promise<void> => {
    try {
      const taken = await running.get(op)?.pull?.next()
      if (taken === undefined || taken.done === true) tell({ c: "ok", op })
      else return tell({ c: "item", op, item: taken.value })
    } catch (error) {
      tell({ c: "failed", op, error: error as ThrownFailure })
    }
    running.delete(op)
  }
  const obey = async (command: ClientCommand): Promise<void> => {
    switch (command.c) {
      case "open": {
        client = open(command)
        const opened = await client
        tell({ c: "opened" })
        tell({ c: "connected", connected: opened.isConnected() })
        opened.onConnectedChange((connected) => tell({ c: "connected", connected }))
        return
      }
      case "connect":
        return perform(command, (opened, signal) => opened.connect(signal))
      case "ping":
        return perform(command, (opened, signal) => opened.ping(signal))
      case "push":
        return perform(command, (opened, signal) => opened.push(receivedBatch(command.batch), signal))
      case "pull": {
        const abort = new AbortController()
        const items = (await client!).pull(command.cursor, { live: command.live }, abort.signal)
        running.set(command.op, { abort, pull: items[Symbol.asyncIterator]() })
        return next(command.op)
      }
      case "next":
        return next(command.op)
      case "abort":
        return running.get(command.op)?.abort.abort()
      case "close":
        await end()
        return tell({ c: "closed" })
    }
  }
  socket.addEventListener("message", ({ data }) => {
    const command = read(String(data))
    if (command !== undefined) void obey(command)
  })
  socket.addEventListener("close", () => void end())
  socket.addEventListener("error", () => void end())
}
