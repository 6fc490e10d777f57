import { fileURLToPath } from "node:url"
import type { Effect, Scope } from "effect"
import { startOutliver } from "../outlive.ts"
import type { Engine } from "./engine.ts"
import { isAbandoned, runLabel } from "./labels.ts"

type Labels = Readonly<Record<string, string>>

/** What runs have made on an engine, by id or name. */
export interface Holdings {
  readonly containers: ReadonlyArray<string>
  readonly networks: ReadonlyArray<string>
  readonly volumes: ReadonlyArray<string>
}

/** What stands on the engine with a run's label, and labels that fit. Volumes without a name go with their container. */
export const holdingsOf = async (engine: Engine, fits: (labels: Labels) => boolean): Promise<Holdings> => {
  const docker = engine.client.container.dockerode
  const filters = { label: [runLabel] }
  const [containers, networks, { Volumes: volumes }] = await Promise.all([
    docker.listContainers({ all: true, filters }),
    docker.listNetworks({ filters }),
    docker.listVolumes({ filters }),
  ])
  return {
    containers: containers.filter(({ Labels }) => fits(Labels)).map(({ Id }) => Id),
    networks: networks.filter(({ Labels }) => fits(Labels ?? {})).map(({ Id }) => Id),
    // An engine without any volume says null.
    volumes: (volumes ?? []).filter(({ Labels }) => fits(Labels ?? {})).map(({ Name }) => Name),
  }
}

/** Removes what stands on the engine with labels that fit; gives how many things that were. */
const remove = async (engine: Engine, fits: (labels: Labels) => boolean): Promise<number> => {
  const docker = engine.client.container.dockerode
  const { containers, networks, volumes } = await holdingsOf(engine, fits)
  await Promise.all(containers.map((id) => gone(docker.getContainer(id).remove({ force: true, v: true }))))
  await Promise.all([
    ...networks.map((id) => gone(docker.getNetwork(id).remove())),
    ...volumes.map((name) => gone(docker.getVolume(name).remove({ force: true }))),
  ])
  return containers.length + networks.length + volumes.length
}

/** Two that sweep at once meet each other's work: what is gone (404) or going (409) is as it should be. */
const gone = async (removal: Promise<unknown>): Promise<void> => {
  await removal.catch((error: { readonly statusCode?: number }) => {
    if (error.statusCode !== 404 && error.statusCode !== 409) throw error
  })
}

/** How often nothing may be found before it is believed: what was being made meanwhile comes to light a little later. */
const emptyLooks = 2
const betweenMs = 300
const looksAtMost = 40

/** Removes what one run has made, once it makes nothing any more. */
export const removeRun = async (engine: Engine, runId: string): Promise<void> => {
  await remove(engine, (labels) => labels[runLabel] === runId)
}

/** Removes everything of a run that was killed, also what a call in flight still brings into being. */
export const sweepRun = async (engine: Engine, runId: string): Promise<void> => {
  let empty = 0
  for (let look = 0; look < looksAtMost && empty < emptyLooks; look++) {
    if (look > 0) await new Promise((resolve) => setTimeout(resolve, betweenMs))
    empty = (await remove(engine, (labels) => labels[runLabel] === runId)) === 0 ? empty + 1 : 0
  }
}

/** Removes what runs of this machine left behind that could not clean up after themselves. */
export const sweepAbandoned = async (engine: Engine): Promise<void> => {
  await remove(engine, isAbandoned)
}

/** Starts a program that sweeps up behind this run when this process is killed. */
export const startSweeper = (runId: string): Effect.Effect<void, never, Scope.Scope> =>
  startOutliver(fileURLToPath(new URL("sweeper.ts", import.meta.url)), { SYNC_GAUNTLET_RUN: runId })
