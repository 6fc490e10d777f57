import { Cause, Effect, Exit, Fiber, Option, Schema, Scope, Stream, SubscriptionRef } from "effect"
import type { ClientMemory } from "../../../contract/client-memory.ts"
import { SyncError } from "../../../contract/errors.ts"
import type { EventEncoded } from "../../../contract/event.ts"
import type { Json } from "../../../contract/json.ts"
import type { ClientOptions } from "../client/options.ts"
import { dialOver } from "../client/socket-link.ts"
import { openSyncClient } from "../client/sync-client.ts"
import { beneath } from "../tracing.ts"
import type { StoreRpc } from "./calls.ts"
import { clientPulls } from "./client-pulls.ts"
import type { ClientNow, ClientRow, ClientRows } from "./client-rows.ts"
import { clientRoutes } from "./client-routes.ts"
import type { ControlEvent, LinkCommand, OperationCommand } from "./control-wire.ts"
import { directLines } from "./direct-lines.ts"
import { objectLink } from "./object-link.ts"
import { rpcSockets, type RpcSocket } from "./rpc-socket.ts"

/** A frame from the store's object counts as lost when it has not come through within it, in milliseconds. */
const lostAfterMs = 400

/** One opened client in its object: the product's own client, asked over the control socket. */
export interface ClientSession {
  readonly command: (command: OperationCommand | LinkCommand) => void
  /** Hands over what the store's object said by itself; rejects when it was lost on the way. */
  readonly deliver: (frames: ReadonlyArray<string>, closed: boolean) => Promise<void>
  /** Looks whether the backend is there. */
  readonly beat: () => void
  readonly report: () => void
  readonly anyLive: () => boolean
  /** Whether the object must stay awake for the sake of a fault. */
  readonly faulty: () => boolean
  /** Ends the client and its registration. */
  readonly close: Effect.Effect<void>
}

const encodeError = Schema.encodeUnknownOption(SyncError)

/**
 * Starts the client of a row; with `restored` it was at work when the object fell asleep: it goes on with the
 * registration and the pulls that it had.
 */
export const startClientSession = (parts: {
  readonly row: ClientRow
  readonly rows: ClientRows
  readonly restored: boolean
  readonly objectName: string
  readonly life: number
  readonly store: StoreRpc
  readonly options: ClientOptions
  readonly send: (event: ControlEvent) => void
  readonly run: <A, E>(effect: Effect.Effect<A, E>) => Fiber.Fiber<A, E>
}): ClientSession => {
  const { row, rows, restored, run } = parts
  const { open } = row
  const scope = Effect.runSync(Scope.make())
  const running = new Map<number, Fiber.Fiber<unknown, unknown>>()
  let socket: RpcSocket | undefined
  // Until the connection from before the sleep is taken up again its state is the one that was told.
  let resuming = restored && row.now.connected

  const change = (next: Partial<ClientNow>): void => {
    row.now = { ...row.now, ...next }
    rows.keep(row)
  }

  const link =
    open.link === undefined
      ? undefined
      : objectLink({ seed: open.link.seed, clientId: open.clientId, onChange: () => report() })
  const report = (): void => {
    const news = link?.report()
    if (news !== undefined) parts.send(news)
  }
  const routes = clientRoutes({ ...parts, change })

  const memory: ClientMemory = {
    get: (key) => Effect.sync(() => row.now.memory.find(([known]) => known === key)?.[1]),
    set: (key, value) =>
      Effect.sync(() => {
        change({ memory: [...row.now.memory.filter(([known]) => known !== key), [key, value]] })
        parts.send({ c: "memory", key, value })
      }),
    remove: (key) =>
      Effect.sync(() => {
        change({ memory: row.now.memory.filter(([known]) => known !== key) })
        parts.send({ c: "memory", key, value: null })
      }),
  }

  const client = Effect.runSync(
    Scope.provide(
      openSyncClient({
        storeId: open.storeId,
        clientId: open.clientId,
        ...("payload" in open ? { payload: open.payload as Json } : {}),
        memory,
        name: "client object",
        description: "a client in a Durable Object of its own",
        dial: dialOver(
          rpcSockets({
            dial: link?.dial ?? directLines,
            route: routes.next,
            onSocket: (next) => (socket = next),
            lostAfterMs,
          }),
        ),
        url: () => "",
        options: parts.options,
      }),
      scope,
    ),
  )

  const tellStatus = (): void => {
    const connected = SubscriptionRef.getUnsafe(client.isConnected)
    if (connected) resuming = false
    if (resuming || connected === row.now.connected) return
    change({ connected })
    parts.send({ c: "connected", connected })
  }
  /** What was seen and what changed comes before what an operation ends with. */
  const tell = (event: ControlEvent): void => {
    report()
    tellStatus()
    parts.send(event)
  }
  run(Stream.runForEach(SubscriptionRef.changes(client.isConnected), () => Effect.sync(tellStatus)))
  const pulls = clientPulls({ id: row.id, client, rows, send: tell })

  const start = (op: number, effect: Effect.Effect<void, SyncError>, trace?: string): void => {
    const fiber = run(beneath(trace, effect))
    running.set(op, fiber)
    fiber.addObserver((exit) => {
      running.delete(op)
      const end = settled(op, exit)
      if (end !== undefined) tell(end)
    })
  }

  const connect = Effect.suspend(() => {
    if (!row.now.wanted) change({ wanted: true })
    return Scope.provide(client.connect, scope)
  })

  const command: ClientSession["command"] = (asked) => {
    switch (asked.c) {
      case "connect":
        return start(asked.op, connect, asked.trace)
      case "ping":
        return start(asked.op, client.ping, asked.trace)
      case "push":
        return start(asked.op, client.push(asked.batch as ReadonlyArray<EventEncoded>), asked.trace)
      case "pull": {
        const { op, live, cursor, trace } = asked
        return start(op, pulls.run({ op, live, cursor, caughtUp: false, waits: true }, false), trace)
      }
      case "next":
        return void pulls.next(asked.op)
      case "interrupt": {
        const fiber = running.get(asked.op)
        running.delete(asked.op)
        if (fiber !== undefined) run(Fiber.interrupt(fiber))
        return
      }
      default:
        link?.command(asked)
        return report()
    }
  }

  if (restored) {
    if (row.now.wanted) run(Effect.ignore(Scope.provide(client.connect, scope)))
    for (const pull of rows.pulls(row.id)) start(pull.op, pulls.run(pull, true))
  }

  return {
    command,
    deliver: async (frames, closed) => {
      if (socket === undefined || !(await socket.deliver(frames, closed))) throw new Error("lost on the way")
    },
    beat: () => socket?.beat(),
    report,
    anyLive: pulls.anyLive,
    faulty: () => link?.faulty() === true,
    close: Effect.suspend(() => {
      rows.close(row.id)
      return Effect.andThen(
        Effect.forEach([...running.values()], Fiber.interrupt, { concurrency: "unbounded" }),
        Scope.close(scope, Exit.void),
      )
    }),
  }
}

/** What an operation's end is told as; nothing for one that was interrupted. */
const settled = (op: number, exit: Exit.Exit<unknown, unknown>): ControlEvent | undefined => {
  if (Exit.isSuccess(exit)) return { c: "ok", op }
  const failure = Cause.findErrorOption(exit.cause)
  if (Option.isSome(failure)) {
    const error = encodeError(failure.value)
    if (Option.isSome(error)) return { c: "failed", op, error: error.value }
  }
  if (Cause.hasInterruptsOnly(exit.cause)) return undefined
  return { c: "failed", op, defect: Cause.pretty(exit.cause) }
}
