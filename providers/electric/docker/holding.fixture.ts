import { randomUUID } from "node:crypto"
import { Effect } from "effect"
import { standInImages } from "../images/image-names.ts"
import { startContainer } from "./container.ts"
import { findEngine } from "./engine.ts"
import { labelsOf } from "./labels.ts"
import { startSweeper } from "./sweep.ts"

/*
 * A program for tests: holds a container, a network and the container's volume on the engine, says so, and waits to
 * be killed. With `--no-sweeper` nobody cleans up behind it.
 */

const runId = randomUUID().slice(0, 8)
const labels = labelsOf(runId)
const engine = await findEngine()
await Effect.runPromise(
  Effect.scoped(
    Effect.gen(function* () {
      if (!process.argv.includes("--no-sweeper")) yield* startSweeper(runId)
      const volume = yield* Effect.promise(async () => {
        const { id } = await engine.client.network.create({ Name: `sync-gauntlet-${runId}`, Labels: labels })
        await startContainer(engine, {
          image: standInImages.postgres,
          alias: "postgres",
          env: { POSTGRES_PASSWORD: "gauntlet" },
          innerPort: 5432,
          labels,
          network: id,
        })
        const docker = engine.client.container.dockerode
        const [info] = await docker.listContainers({ filters: { label: [`sync-gauntlet.run=${runId}`] } })
        return info?.Mounts.find(({ Type }) => Type === "volume")?.Name
      })
      console.log(JSON.stringify({ runId, volume }))
      setInterval(() => undefined, 60_000)
      return yield* Effect.never
    }),
  ),
)
