import type { Engine } from "./engine.ts"
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
  readonly incarnation: () => Promise<string>
  /** The exit code once it has ended; undefined while it runs. */
  readonly ended: () => Promise<number | undefined>
  readonly start: () => Promise<void>
  /** Orderly: the stop signal, and after ten seconds a kill. */
  readonly stop: () => Promise<void>
  readonly kill: () => Promise<void>
  readonly pause: () => Promise<void>
  readonly resume: () => Promise<void>
  /** Removes it with its files and volumes and makes it again, with other variables if given; it is not started. */
  readonly recreate: (env?: ContainerPlan["env"]) => Promise<void>
  /** Takes it out of the run's network: nobody reaches it, and it reaches nobody. */
  readonly cut: () => Promise<void>
  readonly join: () => Promise<void>
  /** The last lines of what it printed, the oldest first. */
  readonly logTail: (lines?: number) => Promise<ReadonlyArray<string>>
  /** CPU time of its processes in this life, in milliseconds, and their memory in bytes. */
  readonly usage: () => Promise<{ readonly cpuMs: number; readonly memoryBytes: number }>
  readonly remove: () => Promise<void>
}

/** Below where Linux draws the ports of outgoing connections, which could take one that is free for a moment. */
const firstPort = 20_000
const portCount = 12_000
const portTries = 20

const stopSeconds = 10

/** Makes a container with a published port of its own, and starts it. */
export const startContainer = async (engine: Engine, plan: ContainerPlan): Promise<ManagedContainer> => {
  const docker = engine.client.container.dockerode
  const network = docker.getNetwork(plan.network)

  let { env } = plan
  const create = (port: number) =>
    docker.createContainer({
      Image: plan.image,
      Env: Object.entries(env).map(([name, value]) => `${name}=${value}`),
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

  /** The engine says 304 where there is nothing to do, and 409 to a kill of what does not run. */
  const unless = async (action: Promise<unknown>, ...fine: ReadonlyArray<number>): Promise<void> => {
    await action.catch((error: { readonly statusCode?: number }) => {
      if (!fine.includes(error.statusCode ?? 0)) throw error
    })
  }
  const unpause = () => unless(container.unpause(), 409, 500)

  return {
    host: engine.host,
    port,
    incarnation: async () => {
      const { Id, State } = await container.inspect()
      return `${Id.slice(0, 12)} ${State.StartedAt}`
    },
    ended: async () => {
      const { State } = await container.inspect()
      return State.Running || State.Status === "created" ? undefined : State.ExitCode
    },
    start: () => unless(container.start(), 304),
    stop: async () => {
      await unpause()
      await unless(container.stop({ t: stopSeconds }), 304)
    },
    kill: async () => {
      // A frozen process takes a kill only once it is thawed.
      await unpause()
      await unless(container.kill(), 409)
    },
    pause: () => unless(container.pause(), 409),
    resume: unpause,
    recreate: async (other = env) => {
      env = other
      await unless(container.remove({ force: true, v: true }), 404)
      container = await create(port)
    },
    cut: () => network.disconnect({ Container: container.id, Force: true }),
    join: () => network.connect({ Container: container.id, EndpointConfig: { Aliases: [plan.alias] } }),
    logTail: async (lines = 40) =>
      plainLines(await container.logs({ stdout: true, stderr: true, tail: lines, follow: false })).slice(-lines),
    usage: async () => {
      const stats = await container.stats({ stream: false, "one-shot": true })
      return { cpuMs: stats.cpu_stats.cpu_usage.total_usage / 1e6, memoryBytes: stats.memory_stats.usage }
    },
    remove: () => unless(container.remove({ force: true, v: true }), 404),
  }
}

const isPortTaken = (error: unknown): boolean =>
  /port is already allocated|address already in use|ports are not available/i.test(String(error))
