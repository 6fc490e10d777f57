import { randomUUID } from "node:crypto"
import { Effect, type Scope } from "effect"
import { HostError } from "../../../contract/errors.ts"
import { namedImages, type ImageNames, type ImageRole } from "../images/image-names.ts"
import { shapeChunkBytes, type ElectricPair, type PairProcess } from "../pair.ts"
import { limitsVariable } from "../shape-server/configuration.ts"
import { pairVersion } from "../version.ts"
import { askElectric, askPostgres, awaitReady } from "./await-ready.ts"
import { startContainer, type ContainerPlan, type ManagedContainer } from "./container.ts"
import { findEngine } from "./engine.ts"
import { ensureImage } from "./image.ts"
import { labelsOf } from "./labels.ts"
import { removeRun, startSweeper, sweepAbandoned } from "./sweep.ts"

export interface DockerPairOptions {
  readonly images?: ImageNames
  /** Settings of Postgres on top of the usual ones: { max_connections: "5" }. */
  readonly settings?: Readonly<Record<string, string>>
  /** How long each of the two may take to serve, in milliseconds. */
  readonly readyWithinMs?: number
  /** Told how far a pull is. */
  readonly tell?: (line: string) => void
}

/** Postgres and Electric in containers, in a network of their own. */
export interface DockerPair extends ElectricPair {
  readonly process: PairProcess
  readonly runId: string
  /** The ids of the images that run. */
  readonly imageIds: ImageNames
  readonly containers: Readonly<Record<ImageRole, ManagedContainer>>
  /** Waits until one of them serves. */
  readonly ready: (role: ImageRole) => Promise<void>
}

const innerPorts: Readonly<Record<ImageRole, number>> = { postgres: 5432, electric: 3000 }

/** Containers are killed, machines are not: what a killed server wrote stays, synced or not. */
const usualSettings = {
  wal_level: "logical",
  max_wal_senders: "64",
  max_replication_slots: "64",
  max_connections: "200",
  fsync: "off",
  full_page_writes: "off",
}

/** Starts both for as long as the scope lasts. Whatever ends this process, nothing stays on the engine. */
export const startDockerPair = Effect.fnUntraced(function* (
  options: DockerPairOptions = {},
): Effect.fn.Return<DockerPair, HostError, Scope.Scope> {
  const { images = namedImages(), tell = () => undefined, readyWithinMs } = options
  const engine = yield* attempt(findEngine)
  const imageIds = {
    postgres: yield* attempt(() => ensureImage(engine, "postgres", images.postgres, tell)),
    electric: yield* attempt(() => ensureImage(engine, "electric", images.electric, tell)),
  }
  yield* attempt(() => sweepAbandoned(engine))
  const runId = randomUUID().slice(0, 8)
  const labels = labelsOf(runId)
  yield* startSweeper(runId)
  yield* Effect.addFinalizer(() => Effect.ignore(attempt(() => removeRun(engine, runId))))
  const { id: network } = yield* attempt(() =>
    engine.client.network.create({ Name: `sync-gauntlet-${runId}`, Driver: "bridge", Labels: labels }),
  )
  const start = (role: ImageRole, plan: Pick<ContainerPlan, "env" | "command">) =>
    attempt(() =>
      startContainer(engine, {
        ...plan,
        image: images[role],
        alias: role,
        innerPort: innerPorts[role],
        labels,
        network,
      }),
    )

  const password = randomUUID()
  const secret = randomUUID()
  const settings = Object.entries({ ...usualSettings, ...options.settings })
  const urlAt = (place: string): string => `postgresql://postgres:${password}@${place}/postgres`

  const postgres = yield* start("postgres", {
    env: { POSTGRES_PASSWORD: password },
    command: settings.flatMap(([name, value]) => ["-c", `${name}=${value}`]),
  })
  const databaseUrl = urlAt(`${postgres.host}:${postgres.port}`)
  const awaits = (role: ImageRole, container: ManagedContainer, ask: () => Promise<string | undefined>) => () =>
    awaitReady({
      what: `${role === "postgres" ? "Postgres" : "Electric"} (${images[role]})`,
      container,
      ask,
      ...(readyWithinMs === undefined ? {} : { withinMs: readyWithinMs }),
    })
  const postgresReady = awaits("postgres", postgres, () => askPostgres(databaseUrl))
  yield* attempt(postgresReady)

  const electric = yield* start("electric", {
    env: {
      DATABASE_URL: `${urlAt(`postgres:${innerPorts.postgres}`)}?sslmode=disable`,
      ELECTRIC_SECRET: secret,
      ELECTRIC_PORT: String(innerPorts.electric),
      // Without it Electric deletes no shape when it is asked to.
      ELECTRIC_ENABLE_INTEGRATION_TESTING: "true",
      ELECTRIC_USAGE_REPORTING: "false",
      ELECTRIC_SHAPE_CHUNK_BYTES_THRESHOLD: String(shapeChunkBytes),
      // The same for the stand-in, which Electric does not look at.
      [limitsVariable]: JSON.stringify({ chunkBytes: shapeChunkBytes }),
    },
  })
  const electricUrl = `http://${electric.host}:${electric.port}`
  const electricReady = awaits("electric", electric, () => askElectric(electricUrl))
  yield* attempt(electricReady)
  const version = yield* attempt(() => pairVersion({ electricUrl, databaseUrl }))
  const shortId = (role: ImageRole) => imageIds[role].replace("sha256:", "").slice(0, 12)

  const both = (what: (container: ManagedContainer) => Promise<void>) =>
    attempt(async () => void (await Promise.all([what(postgres), what(electric)])))
  return {
    version: `${version} (images ${shortId("electric")}, ${shortId("postgres")})`,
    databaseUrl: () => databaseUrl,
    electric: () => ({ url: electricUrl, secret }),
    logTail: () => [...postgres.recentLines(), ...electric.recentLines()],
    process: {
      kill: both((container) => container.kill()),
      start: attempt(async () => {
        await postgres.start()
        await postgresReady()
        await electric.start()
        await electricReady()
      }),
      stop: attempt(async () => {
        await electric.stop()
        await postgres.stop()
      }),
      pause: both((container) => container.pause()),
      resume: both((container) => container.resume()),
      instance: () => `${postgres.incarnation()}, ${electric.incarnation()}`,
      pids: () => [...postgres.pids(), ...electric.pids()],
    },
    runId,
    imageIds,
    containers: { postgres, electric },
    ready: (role) => (role === "postgres" ? postgresReady() : electricReady()),
  }
})

const attempt = <A>(body: () => Promise<A>): Effect.Effect<A, HostError> =>
  Effect.tryPromise({
    try: body,
    catch: (error) => new HostError({ message: error instanceof Error ? error.message : String(error) }),
  })
