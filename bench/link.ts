import { once } from "node:events"
import { connect, createServer, type AddressInfo, type Socket } from "node:net"
import { Worker } from "node:worker_threads"
import { Effect } from "effect"
import { WebSocket } from "ws"
import { openTcpLink } from "../chaos/links/tcp-link.ts"
import type { FrameClassifier } from "../contract/frame.ts"
import { openHttpClient } from "./link-http.ts"

/** What a link costs, beside a direct connection and a bare pipe, all measured in one run. */
export interface LinkMeasurement {
  readonly path:
    | "direct"
    | "pipe"
    | "link, bytes"
    | "link, frames"
    | "HTTP, direct"
    | "HTTP, link, bytes"
    | "HTTP, link, exchanges"
  /**
   * Round trip of a message of 1 kB through a WebSocket, or of an HTTP exchange with such bodies on a kept connection,
   * median and 99th percentile, in milliseconds.
   */
  readonly p50Ms: number
  readonly p99Ms: number
  /** Median round trip less the direct one's of the same protocol. */
  readonly addedMs: number
  /**
   * Raw bytes one way, best of the rounds, and as a part of the direct path's. The link that reads frames passes these
   * on unread. Over HTTP they are the body of one request.
   */
  readonly bytesMbPerSecond: number
  readonly bytesOfDirect: number
  /** Messages of 64 kB, there and back, best of the rounds, and as a part of the direct path's. */
  readonly messagesMbPerSecond: number
  readonly messagesOfDirect: number
}

export interface LinkBenchOptions {
  readonly roundTrips?: number
  readonly transferBytes?: number
  readonly rounds?: number
}

type Path = LinkMeasurement["path"]
interface Ports {
  readonly echo: number
  readonly sink: number
  readonly http: number
}

/** What is measured of a path. */
interface Measured {
  readonly trip: () => Promise<void>
  /** MB a second, each. */
  readonly transfer: () => Promise<number>
  readonly echoes: () => Promise<number>
  readonly close: () => void
}

const classify: FrameClassifier = ({ data }) => {
  const message = JSON.parse(String(data)) as { readonly id: string }
  return { operation: "push", role: "request", id: message.id }
}

const classifyExchange: FrameClassifier = (frame) =>
  frame.direction === "up" && frame.http?.path === "/sink" ? { operation: "other", role: "other" } : classify(frame)

const openLink = (port: number, protocol: "websocket" | "http", frames: boolean) =>
  Effect.map(
    openTcpLink({
      target: () => ({ host: "127.0.0.1", port }),
      protocol,
      draw: () => 0,
      ...(frames ? { classify: () => (protocol === "http" ? classifyExchange : classify) } : {}),
    }),
    (link) => (link.address.kind === "tcp" ? link.address.port : 0),
  )

/** A relay without any rules: what two pipes cost. */
const openPipe = (port: number) =>
  Effect.acquireRelease(
    Effect.promise(async () => {
      const sockets: Array<Socket> = []
      const server = createServer({ noDelay: true }, (client) => {
        const upstream = connect({ port, host: "127.0.0.1", noDelay: true })
        sockets.push(client, upstream)
        for (const socket of [client, upstream]) socket.on("error", () => {})
        client.pipe(upstream)
        upstream.pipe(client)
      })
      server.listen(0, "127.0.0.1")
      await once(server, "listening")
      return { server, sockets, port: (server.address() as AddressInfo).port }
    }),
    ({ server, sockets }) =>
      Effect.sync(() => {
        for (const socket of sockets) socket.destroy()
        server.close()
      }),
  ).pipe(Effect.map((pipe) => pipe.port))

/** Round trips in turn over all paths, so that they share whatever else the machine does. */
const roundTrips = async (paths: ReadonlyMap<Path, Measured>, count: number): Promise<Map<Path, Array<number>>> => {
  const samples = new Map([...paths.keys()].map((path) => [path, [] as Array<number>]))
  const warmUp = Math.ceil(count / 10)
  for (let round = 0; round < count + warmUp; round++) {
    for (const [path, { trip }] of paths) {
      const startMs = performance.now()
      await trip()
      if (round >= warmUp) samples.get(path)?.push(performance.now() - startMs)
    }
  }
  return samples
}

const textOf = (sizeBytes: number): string => JSON.stringify({ id: "1", text: "x".repeat(sizeBytes) })

/** A path over WebSockets, or raw sockets where it is about bytes. */
const overSockets = async (echoPort: number, sinkPort: number, transferBytes: number): Promise<Measured> => {
  const message = textOf(1_000)
  const socket = new WebSocket(`ws://127.0.0.1:${echoPort}/`, { perMessageDeflate: false })
  await once(socket, "open")
  return {
    trip: async () => {
      socket.send(message)
      await once(socket, "message")
    },
    transfer: () => transfer(sinkPort, transferBytes),
    echoes: () => echoes(echoPort, transferBytes / 8),
    close: () => socket.terminate(),
  }
}

/** A path over HTTP exchanges, one after the other on one connection. */
const overHttp = (port: number, transferBytes: number): Measured => {
  const { post, close } = openHttpClient(port)
  const [small, large, part] = [Buffer.from(textOf(1_000)), Buffer.from(textOf(65_500)), Buffer.alloc(262_144, 1)]
  const rate = async (bytes: number, body: () => Promise<void>): Promise<number> => {
    const startMs = performance.now()
    await body()
    return bytes / 1e3 / (performance.now() - startMs)
  }
  return {
    trip: () => post("/", small),
    transfer: () => rate(transferBytes, () => post("/sink", part, Math.ceil(transferBytes / part.length))),
    echoes: () =>
      rate(transferBytes / 8, async () => {
        for (let sent = 0; sent < transferBytes / 8; sent += large.length) await post("/", large)
      }),
    close,
  }
}

/** Sends bytes to the sink until it has them all; MB a second. */
const transfer = async (port: number, bytes: number): Promise<number> => {
  const socket = connect({ port, host: "127.0.0.1", noDelay: true })
  await once(socket, "connect")
  const chunk = Buffer.alloc(262_144, 1)
  const done = once(socket, "data")
  const startMs = performance.now()
  for (let sent = 0; sent < bytes; sent += chunk.length) {
    if (!socket.write(chunk.subarray(0, Math.min(chunk.length, bytes - sent)))) await once(socket, "drain")
  }
  await done
  const seconds = (performance.now() - startMs) / 1_000
  socket.destroy()
  return bytes / 1e6 / seconds
}

/** Echoes messages of 64 kB, eight on their way at a time; MB a second each way. */
const echoes = async (port: number, bytes: number): Promise<number> => {
  const message = JSON.stringify({ id: "1", text: "x".repeat(65_500) })
  const count = Math.ceil(bytes / message.length)
  const socket = new WebSocket(`ws://127.0.0.1:${port}/`, { perMessageDeflate: false })
  await once(socket, "open")
  let sent = 0
  let back = 0
  const startMs = performance.now()
  await new Promise<void>((resolve) => {
    const send = (): void => {
      if (sent++ < count) socket.send(message)
    }
    socket.on("message", () => {
      send()
      if (++back === count) resolve()
    })
    for (let ahead = 0; ahead < 8; ahead++) send()
  })
  const seconds = (performance.now() - startMs) / 1_000
  socket.terminate()
  return (count * message.length) / 1e6 / seconds
}

const quantile = (values: ReadonlyArray<number>, part: number): number =>
  values.toSorted((a, b) => a - b)[Math.floor(part * (values.length - 1))] ?? 0

/** The best of several rounds of each path, the paths in turn, so that they share whatever else the machine does. */
const bestOf = async (
  paths: ReadonlyMap<Path, Measured>,
  rounds: number,
  measure: (path: Measured) => Promise<number>,
): Promise<ReadonlyMap<Path, number>> => {
  const highest = new Map<Path, number>()
  for (let round = 0; round < rounds; round++) {
    for (const [path, measured] of paths) highest.set(path, Math.max(highest.get(path) ?? 0, await measure(measured)))
  }
  return highest
}

const openPaths = Effect.fnUntraced(function* ({ echo, sink, http }: Ports, transferBytes: number) {
  const sockets = (echoPort: number, sinkPort: number) =>
    Effect.promise(() => overSockets(echoPort, sinkPort, transferBytes))
  const linked = (frames: boolean) =>
    Effect.all([openLink(echo, "websocket", frames), openLink(sink, "websocket", frames)])
  return new Map<Path, Measured>([
    ["direct", yield* sockets(echo, sink)],
    ["pipe", yield* sockets(yield* openPipe(echo), yield* openPipe(sink))],
    ["link, bytes", yield* sockets(...(yield* linked(false)))],
    ["link, frames", yield* sockets(...(yield* linked(true)))],
    ["HTTP, direct", overHttp(http, transferBytes)],
    ["HTTP, link, bytes", overHttp(yield* openLink(http, "http", false), transferBytes)],
    ["HTTP, link, exchanges", overHttp(yield* openLink(http, "http", true), transferBytes)],
  ])
})

/** Measures latency and throughput of all paths. Client and link share a thread, as in the harness; the backend has its own. */
export const benchLink = async (options: LinkBenchOptions = {}): Promise<ReadonlyArray<LinkMeasurement>> => {
  const { roundTrips: trips = 2_000, transferBytes = 400_000_000, rounds = 5 } = options
  const worker = new Worker(new URL("link-backend.ts", import.meta.url), { workerData: { transferBytes } })
  const [ports] = (await once(worker, "message")) as [Ports]
  const program = Effect.gen(function* () {
    const paths = yield* openPaths(ports, transferBytes)
    const samples = yield* Effect.promise(() => roundTrips(paths, trips))
    const raw = yield* Effect.promise(() => bestOf(paths, rounds, (path) => path.transfer()))
    const echoed = yield* Effect.promise(() => bestOf(paths, rounds, (path) => path.echoes()))
    for (const { close } of paths.values()) close()
    return [...samples].map(([path, sampled]): LinkMeasurement => {
      const direct: Path = path.startsWith("HTTP") ? "HTTP, direct" : "direct"
      const p50Ms = quantile(sampled, 0.5)
      return {
        path,
        p50Ms,
        p99Ms: quantile(sampled, 0.99),
        addedMs: p50Ms - quantile(samples.get(direct) ?? [], 0.5),
        bytesMbPerSecond: raw.get(path) ?? 0,
        bytesOfDirect: (raw.get(path) ?? 0) / (raw.get(direct) ?? 1),
        messagesMbPerSecond: echoed.get(path) ?? 0,
        messagesOfDirect: (echoed.get(path) ?? 0) / (echoed.get(direct) ?? 1),
      }
    })
  })
  return Effect.runPromise(Effect.scoped(program)).finally(() => worker.terminate())
}

/** The measurements as a small table. */
export const linkTable = (measured: ReadonlyArray<LinkMeasurement>): string => {
  const percent = (part: number): string => `${(part * 100).toFixed(0)} %`
  const rows = measured.map((each) => [
    each.path,
    `${each.p50Ms.toFixed(3)} ms`,
    `${each.p99Ms.toFixed(3)} ms`,
    `${each.addedMs.toFixed(3)} ms`,
    `${each.bytesMbPerSecond.toFixed(0)} MB/s`,
    percent(each.bytesOfDirect),
    `${each.messagesMbPerSecond.toFixed(0)} MB/s`,
    percent(each.messagesOfDirect),
  ])
  const head = ["path", "p50", "p99", "added p50", "bytes", "of direct", "messages", "of direct"]
  return [head, ...rows]
    .map((cells) =>
      cells
        .map((cell, column) => cell.padEnd(column === 0 ? 23 : 13))
        .join("")
        .trimEnd(),
    )
    .join("\n")
}

if (import.meta.main) console.log(linkTable(await benchLink()))
