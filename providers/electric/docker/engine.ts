import type { ContainerRuntimeClient } from "testcontainers"

/** A container engine that answers. */
export interface Engine {
  readonly client: ContainerRuntimeClient
  /** Where published ports of its containers are reached. */
  readonly host: string
  /** The engine's own version, "20.10.24". */
  readonly version: string
}

const defaultPlace = "/var/run/docker.sock"

/** What to do without an engine, in one line; `place` is where one was looked for. */
const noEngine = (place = process.env["DOCKER_HOST"] ?? defaultPlace): string =>
  `no container engine answers at ${place}: start one, or set DOCKER_HOST to one that runs`

let found: Promise<Engine> | undefined

/** The engine that `DOCKER_HOST` names, else the one of this machine. Rejects with one line. Asked once in a process. */
export const findEngine = (): Promise<Engine> => {
  found ??= connect()
  // One that starts later is found by the next question.
  found.catch(() => (found = undefined))
  return found
}

const connect = async (): Promise<Engine> => {
  // The reaper's image cannot be pulled everywhere, and our own cleaning needs none: see sweeper.ts.
  process.env["TESTCONTAINERS_RYUK_DISABLED"] ??= "true"
  const { getContainerRuntimeClient } = await import("testcontainers")
  const client = await getContainerRuntimeClient().catch(() => {
    throw new Error(noEngine())
  })
  const named = process.env["DOCKER_HOST"]
  // The library goes on to the machine's own socket where the named engine is silent.
  if (named !== undefined && !isAt(client, named)) throw new Error(noEngine(named))
  const { host, serverVersion } = client.info.containerRuntime
  return { client, host, version: String(serverVersion) }
}

/** Whether the library speaks to this very engine. Of other schemes (ssh, npipe) it is believed. */
const isAt = (client: ContainerRuntimeClient, place: string): boolean => {
  const { socketPath, host } = client.container.dockerode.modem as {
    readonly socketPath?: unknown
    readonly host?: unknown
  }
  if (place.startsWith("unix://")) return socketPath === place.slice("unix://".length)
  return !/^(tcp|https?):\/\//.test(place) || host === new URL(place).hostname
}
