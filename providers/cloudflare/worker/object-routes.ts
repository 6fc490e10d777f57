import type { ConnectionServer } from "../core/connection.ts"
import type { HeldConnections } from "./held-connections.ts"
import type { ObjectContext } from "./platform.ts"
import type { RpcConnections } from "./rpc-connections.ts"
import type { SocketConnections } from "./socket-connection.ts"
import type { StoreStorage } from "./store-storage.ts"

/** Reason of an abort that the harness asked for; the Worker reads it off the failed request. */
export const abortedByHarness = "aborted by the harness"

/**
 * The harness's routes into one object, behind the Worker's token: ground truth, gauges, and what happens to
 * storage without the provider being told.
 */
export const objectRoutes = (parts: {
  readonly ctx: ObjectContext
  readonly storage: StoreStorage
  readonly sockets: SocketConnections
  readonly held: HeldConnections
  readonly rpc: RpcConnections
  readonly servers: ReadonlyArray<ConnectionServer>
  readonly instance: string
}): ((request: Request) => Promise<Response>) => {
  const { ctx, storage, sockets, servers } = parts
  const connections = () => [...sockets.open(), ...parts.held.open(), ...parts.rpc.open()]
  const routes: Record<string, (request: Request) => unknown> = {
    instance: () => ({ instance: parts.instance }),
    inspect: async () =>
      (await storage.inspect()).map(({ seqNum, parentSeqNum, name, args, clientId, sessionId }) => ({
        event: { seqNum, parentSeqNum, name, clientId, sessionId },
        args: args ?? null,
      })),
    gauges: () => {
      const states = connections().map((connection) => connection.state())
      return {
        sockets: states.length,
        subscriptions: states.reduce((sum, { live }) => sum + live, 0),
        connectionStateBytes: Math.max(parts.rpc.stateChars(), ...ctx.getWebSockets().map(attachmentBytes)),
      }
    },
    reauthorise: () => {
      for (const server of servers) server.reauthorise()
    },
    drain: () => {
      for (const connection of connections()) connection.close(1012, "the backend restarts")
    },
    /** Ends this object as an eviction does, with the requests that it holds. */
    abort: async () => {
      await ctx.storage.sync()
      ctx.abort(abortedByHarness)
    },
    wipe: async () => {
      // Nobody else would tell client objects that their registrations are gone.
      for (const connection of parts.rpc.open()) connection.close(1012, "the backend restarts")
      await parts.rpc.delivered()
      await ctx.storage.deleteAll()
      await ctx.storage.sync()
      await storage.wipe()
      ctx.abort(abortedByHarness)
    },
    "wipe-beneath": storage.wipeBeneath,
    snapshot: storage.snapshot,
    restore: async (request) => {
      await storage.restore(await request.json())
      await ctx.storage.sync()
      ctx.abort(abortedByHarness)
    },
  }

  return async (request) => {
    const route = routes[new URL(request.url).pathname.split("/").at(-1) ?? ""]
    if (route === undefined) return new Response("no such route", { status: 404 })
    return Response.json((await route(request)) ?? {})
  }
}

/** Size of a socket's attachment: the platform stores it as structured data of about the size of its JSON. */
const attachmentBytes = (socket: { deserializeAttachment(): unknown }): number =>
  new TextEncoder().encode(JSON.stringify(socket.deserializeAttachment() ?? null)).length
