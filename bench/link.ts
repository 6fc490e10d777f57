import { once } from "node:events"
import { connect, createServer, type AddressInfo, type Socket } from "node:net"
import { Worker } from "node:worker_threads"
import { Effect } from "effect"
import { WebSocket } from "ws"
import { openTcpLink } from "../chaos/links/tcp-link.ts"
import type { FrameClassifier } from "../contract/frame.ts"

/** What a link costs, beside a direct connection and a bare pipe, all measured in one run. */
export interface LinkMeasurement {
  readonly path: "direct" | "pipe" | "link, bytes" | "link, frames"
  /** Round trip of a message of 1 kB through a WebSocket, median and 99th percentile, in milliseconds. */
  readonly p50Ms: number
  readonly p99Ms: number
  /** Median round trip less the direct one's. */
  readonly addedMs: number
  /** Raw bytes one way, best of the rounds, and as a part of the direct path's. The link that reads frames passes these on unread. */
  readonly bytesMbPerSecond: number
  readonly bytesOfDirect: number
  /** Messages of 64 kB through a WebSocket, there and back, best of the rounds, and as a part of the direct path's. */
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
}

const classify: FrameClassifier = ({ data }) => {
  const message = JSON.parse(String(data)) as { readonly id: string }
  return { operation: "push", role: "request", id: message.id }
}

const openLink = (port: number, frames: boolean) =>
  Effect.map(
    openTcpLink({
      target: () => ({ host: "127.0.0.1", port }),
      protocol: "websocket",
      draw: () => 0,
      ...(frames ? { classify: () => classify } : {}),
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
const roundTrips = async (ports: ReadonlyMap<Path, number>, count: number): Promise<Map<Path, Array<number>>> => {
  const message = JSON.stringify({ id: "1", text: "x".repeat(1_000) })
  const sockets = new Map<Path, WebSocket>()
  const samples = new Map<Path, Array<number>>()
  for (const [path, port] of ports) {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/`, { perMessageDeflate: false })
    await once(socket, "open")
    sockets.set(path, socket)
    samples.set(path, [])
  }
  const warmUp = Math.ceil(count / 10)
  for (let round = 0; round < count + warmUp; round++) {
    for (const [path, socket] of sockets) {
      const startMs = performance.now()
      socket.send(message)
      await once(socket, "message")
      if (round >= warmUp) samples.get(path)?.push(performance.now() - startMs)
    }
  }
  for (const socket of sockets.values()) socket.terminate()
  return samples
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
  ports: ReadonlyMap<Path, number>,
  rounds: number,
  measure: (port: number) => Promise<number>,
): Promise<ReadonlyMap<Path, number>> => {
  const highest = new Map<Path, number>()
  for (let round = 0; round < rounds; round++) {
    for (const [path, port] of ports) highest.set(path, Math.max(highest.get(path) ?? 0, await measure(port)))
  }
  return highest
}

/** Measures latency and throughput of all paths. Client and link share a thread, as in the harness; the backend has its own. */
export const benchLink = async (options: LinkBenchOptions = {}): Promise<ReadonlyArray<LinkMeasurement>> => {
  const { roundTrips: trips = 2_000, transferBytes = 400_000_000, rounds = 5 } = options
  const worker = new Worker(new URL("link-backend.ts", import.meta.url), { workerData: { transferBytes } })
  const [backend] = (await once(worker, "message")) as [Ports]
  const portsTo = Effect.fnUntraced(function* (port: number) {
    return new Map<Path, number>([
      ["direct", port],
      ["pipe", yield* openPipe(port)],
      ["link, bytes", yield* openLink(port, false)],
      ["link, frames", yield* openLink(port, true)],
    ])
  })
  const program = Effect.gen(function* () {
    const echoPorts = yield* portsTo(backend.echo)
    const sinkPorts = yield* portsTo(backend.sink)
    const samples = yield* Effect.promise(() => roundTrips(echoPorts, trips))
    const raw = yield* Effect.promise(() => bestOf(sinkPorts, rounds, (port) => transfer(port, transferBytes)))
    const echoed = yield* Effect.promise(() => bestOf(echoPorts, rounds, (port) => echoes(port, transferBytes / 8)))
    const directP50Ms = quantile(samples.get("direct") ?? [], 0.5)
    return [...samples].map(([path, sampled]): LinkMeasurement => {
      const p50Ms = quantile(sampled, 0.5)
      return {
        path,
        p50Ms,
        p99Ms: quantile(sampled, 0.99),
        addedMs: p50Ms - directP50Ms,
        bytesMbPerSecond: raw.get(path) ?? 0,
        bytesOfDirect: (raw.get(path) ?? 0) / (raw.get("direct") ?? 1),
        messagesMbPerSecond: echoed.get(path) ?? 0,
        messagesOfDirect: (echoed.get(path) ?? 0) / (echoed.get("direct") ?? 1),
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
        .map((cell) => cell.padEnd(13))
        .join("")
        .trimEnd(),
    )
    .join("\n")
}

if (import.meta.main) console.log(linkTable(await benchLink()))
