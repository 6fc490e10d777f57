import { randomUUID } from "node:crypto"
import { Effect, type Scope } from "effect"
import { HostError } from "../../../contract/errors.ts"
import { namedImages, type ImageNames } from "../images/image-names.ts"
import { askElectric, askPostgres, awaitReady } from "./await-ready.ts"
import { startContainer, type ContainerPlan, type ManagedContainer } from "./container.ts"
import { findEngine, type Engine } from "./engine.ts"
import { ensureImage } from "./image.ts"
import { labelsOf } from "./labels.ts"
import { startSweeper } from "./start-sweeper.ts"
import { removeRun, sweepAbandoned } from "./sweep.ts"

/** One of the two servers of a run, in a container. */
export interface DockerServer {
  readonly container: ManagedContainer
  /** Where it is reached from here. */
  readonly url: string
  /** Waits until it serves. */
  readonly ready: () => Promise<void>
}

/** Postgres and Electric in containers, in a network of their own. */
export interface DockerStack {
  readonly runId: string
  readonly engine: Engine
  /** Ids of the images that run. */
  readonly imageIds: ImageNames
  readonly postgres: DockerServer & { readonly databaseUrl: (database: string) => string }
  /** `database`: replicates from another database, without what it stored; it is down until it is started. */
  readonly electric: DockerServer & { readonly pointAt: (database: string) => Promise<void> }
}

export interface DockerStackOptions {
  readonly images?: ImageNames
  /** Electric's secret; without one it runs insecure. */
  readonly secret?: string
  /** The database that Electric replicates from at first. */
  readonly database?: string
  /** How many replication slots Postgres has. */
  readonly slots?: number
  /** Told how far a pull is. */
  readonly tell?: (line: string) => void
}

const password = "gauntlet"
const innerPorts = { postgres: 5432, electric: 3000 } as const

/** Starts both for as long as the scope lasts. Whatever ends this process, nothing stays on the engine. */
export const startDockerStack = Effect.fnUntraced(function* (
  options: DockerStackOptions = {},
): Effect.fn.Return<DockerStack, HostError, Scope.Scope> {
  const { images = namedImages(), tell = () => undefined, database = "postgres" } = options
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
  const start = (role: keyof typeof innerPorts, plan: Pick<ContainerPlan, "env" | "command">) =>
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

  const postgres = yield* start("postgres", {
    env: { POSTGRES_PASSWORD: password },
    command: ["-c", "wal_level=logical", ...serverFlags(options)],
  })
  const databaseUrl = (name: string) => urlAt(`${postgres.host}:${postgres.port}`, name)
  const postgresReady = () =>
    awaitReady({
      what: `Postgres (${images.postgres})`,
      container: postgres,
      ask: () => askPostgres(databaseUrl("postgres")),
    })
  yield* attempt(postgresReady)

  const electricEnv = (name: string): ContainerPlan["env"] => ({
    DATABASE_URL: `${urlAt(`postgres:${innerPorts.postgres}`, name)}?sslmode=disable`,
    ...(options.secret === undefined ? { ELECTRIC_INSECURE: "true" } : { ELECTRIC_SECRET: options.secret }),
    ELECTRIC_PORT: String(innerPorts.electric),
    ELECTRIC_USAGE_REPORTING: "false",
  })
  const electric = yield* start("electric", { env: electricEnv(database) })
  const electricUrl = `http://${electric.host}:${electric.port}`
  const electricReady = () =>
    awaitReady({
      what: `Electric (${images.electric})`,
      container: electric,
      ask: () => askElectric(electricUrl),
    })
  yield* attempt(electricReady)

  return {
    runId,
    engine,
    imageIds,
    postgres: { container: postgres, url: databaseUrl("postgres"), ready: postgresReady, databaseUrl },
    electric: {
      container: electric,
      url: electricUrl,
      ready: electricReady,
      pointAt: (name) => electric.recreate(electricEnv(name)),
    },
  }
})

const urlAt = (place: string, database: string): string => `postgresql://postgres:${password}@${place}/${database}`

/** Containers are killed, machines are not: the kernel keeps what a killed server wrote, synced or not. */
const serverFlags = ({ slots }: DockerStackOptions): ReadonlyArray<string> => [
  ...["-c", "fsync=off"],
  ...(slots === undefined ? [] : ["-c", `max_replication_slots=${slots}`]),
]

const attempt = <A>(body: () => Promise<A>): Effect.Effect<A, HostError> =>
  Effect.tryPromise({
    try: body,
    catch: (error) => new HostError({ message: error instanceof Error ? error.message : String(error) }),
  })
