import { createInterface } from "node:readline"
import { PassThrough } from "node:stream"
import { logTail } from "../guarded-process.ts"
import type { Engine } from "./engine.ts"
import { processesOf } from "./processes.ts"
import { plainLines } from "./plain-lines.ts"

/** A container to be made. */
export interface ContainerPlan {
  readonly image: string
  /** Its name in the run's own network. */
  readonly alias: string
  readonly env: Readonly<Record<string, string>>
  readonly command?: ReadonlyArray<string>
  /** Where it listens, inside. */
  readonly innerPort: number
  readonly labels: Readonly<Record<string, string>>
  /** Id of the run's network. */
  readonly network: string
}

/** A container of a run. Its address stays the same over restarts, and when it is made anew. */
export interface ManagedContainer {
  /** Where it is reached from here. */
  readonly host: string
  readonly port: number
  /** Names the running incarnation: changes with each start. */
  readonly incarnation: () => string
  /** Its processes, the first one first; none where they run on another machine, or not at all. */
  readonly pids: () => ReadonlyArray<number>
  /** The exit code once it has ended; undefined while it runs. */
  readonly ended: () => Promise<number | undefined>
  readonly start: () => Promise<void>
  /** Orderly: the stop signal, and after ten seconds a kill. */
  readonly stop: () => Promise<void>
  readonly kill: () => Promise<void>
  readonly pause: () => Promise<void>
  readonly resume: () => Promise<void>
  /** Removes it with its files and volumes and makes it again; it is not started. */
  readonly recreate: () => Promise<void>
  /** Takes it out of the run's network: nobody reaches it, and it reaches nobody. */
  readonly cut: () => Promise<void>
  readonly join: () => Promise<void>
  /** The last lines of what it printed in this life, the oldest first; asked of the engine. */
  readonly logTail: (lines?: number) => Promise<ReadonlyArray<string>>
  /** The same over all of its lives, as they came in so far. */
  readonly recentLines: () => ReadonlyArray<string>
}

/** Below where Linux draws the ports of outgoing connections, which could take one that is free for a moment. */
const firstPort = 20_000
const portCount = 12_000
const portTries = 20

const stopSeconds = 10

/** How often a freeze is tried, and how long after the one before, in milliseconds. */
const freezeTries = 10
const freezeAgainMs = 100

/** Makes a container with a published port of its own, and starts it. */
export const startContainer = async (engine: Engine, plan: ContainerPlan): Promise<ManagedContainer> => {
  const docker = engine.client.container.dockerode
  const network = docker.getNetwork(plan.network)

  const create = (port: number) =>
    docker.createContainer({
      Image: plan.image,
      Env: Object.entries(plan.env).map(([name, value]) => `${name}=${value}`),
      ...(plan.command === undefined ? {} : { Cmd: [...plan.command] }),
      Labels: { ...plan.labels },
      ExposedPorts: { [`${plan.innerPort}/tcp`]: {} },
      HostConfig: {
        NetworkMode: plan.network,
        // The engine draws another published port at each start: only a named one stays.
        PortBindings: { [`${plan.innerPort}/tcp`]: [{ HostPort: String(port) }] },
      },
      NetworkingConfig: { EndpointsConfig: { [plan.network]: { Aliases: [plan.alias] } } },
    })

  const first = async () => {
    for (let left = portTries; ; left--) {
      const port = firstPort + Math.floor(Math.random() * portCount)
      const created = await create(port)
      try {
        await created.start()
        return { created, port }
      } catch (error) {
        await created.remove({ force: true, v: true })
        if (left === 0 || !isPortTaken(error)) throw error
      }
    }
  }
  const { created, port } = await first()
  let container = created
  let running = { incarnation: "", pid: 0 }
  const log = logTail("the container")

  /** Reads who runs since the start, and what it prints from then on. */
  const follow = async (): Promise<void> => {
    const { Id, State } = await container.inspect()
    const incarnation = `${Id.slice(0, 12)} ${State.StartedAt}`
    if (incarnation === running.incarnation) return
    running = { incarnation, pid: State.Pid }
    const since = Date.parse(State.StartedAt) / 1_000
    const stream = await container.logs({ follow: true, stdout: true, stderr: true, since })
    const lines = new PassThrough()
    docker.modem.demuxStream(stream, lines, lines)
    stream.on("end", () => lines.end()).on("error", () => lines.end())
    createInterface(lines).on("line", (line) => log.add(`${plan.alias}: ${line.trimEnd()}`))
  }
  await follow()

  /** The engine says 304 where there is nothing to do, and 409 to a kill of what does not run. */
  const unless = async (action: Promise<unknown>, ...fine: ReadonlyArray<number>): Promise<void> => {
    await action.catch((error: { readonly statusCode?: number }) => {
      if (!fine.includes(error.statusCode ?? 0)) throw error
    })
  }
  /** runc gives up, and thaws again, where new processes come up while it freezes those that it knows. */
  const freeze = async (): Promise<void> => {
    for (let left = freezeTries - 1; ; left--) {
      try {
        return await unless(container.pause(), 409)
      } catch (error) {
        if (left === 0 || !/unable to freeze/i.test(String(error))) throw error
        await new Promise((resolve) => setTimeout(resolve, freezeAgainMs))
      }
    }
  }
  const unpause = () => unless(container.unpause(), 409, 500)

  return {
    // The engine's other sockets, those of IPv6, are not everywhere.
    host: engine.host === "localhost" ? "127.0.0.1" : engine.host,
    port,
    incarnation: () => running.incarnation,
    pids: () => processesOf(container.id, running.pid),
    ended: async () => {
      const { State } = await container.inspect()
      return State.Running || State.Status === "created" ? undefined : State.ExitCode
    },
    start: async () => {
      await unless(container.start(), 304)
      await follow()
    },
    stop: async () => {
      await unpause()
      await unless(container.stop({ t: stopSeconds }), 304)
    },
    kill: async () => {
      // A frozen process takes a kill only once it is thawed.
      await unpause()
      await unless(container.kill(), 409)
    },
    pause: freeze,
    resume: unpause,
    recreate: async () => {
      await unless(container.remove({ force: true, v: true }), 404)
      container = await create(port)
    },
    cut: () => network.disconnect({ Container: container.id, Force: true }),
    join: () => network.connect({ Container: container.id, EndpointConfig: { Aliases: [plan.alias] } }),
    logTail: async (lines = 40) =>
      plainLines(await container.logs({ stdout: true, stderr: true, tail: lines, follow: false })).slice(-lines),
    recentLines: log.lines,
  }
}

const isPortTaken = (error: unknown): boolean =>
  /port is already allocated|address already in use|ports are not available/i.test(String(error))
