import { buildImage, type ImagePlan } from "./build-image.ts"
import { imageVariables, standInImages } from "./image-names.ts"
import { postgresImage } from "./postgres-image.ts"
import { shapeServerImage } from "./shape-server-image.ts"

/*
 * `pnpm images`: builds images that stand in for those of Postgres and Electric, out of what is installed here and
 * without a registry, and prints the variables that name them. `--env` prints nothing else.
 */

const say = process.argv.includes("--env") ? () => undefined : (line: string) => console.error(line)

const build = async (plan: ImagePlan): Promise<void> => {
  const id = await buildImage(plan)
  say(`built ${plan.name} (${id.slice("sha256:".length, "sha256:".length + 12)})`)
}

try {
  if (process.platform !== "linux") throw new Error("the images are made of Linux programs: run this on Linux")
  await build(postgresImage())
  await build(await shapeServerImage())
  say("they are not the real ones; the container path runs on them with")
  console.log(`export ${imageVariables.postgres}=${standInImages.postgres}`)
  console.log(`export ${imageVariables.electric}=${standInImages.electric}`)
} catch (error) {
  console.error(`images: ${error instanceof Error ? error.message : String(error)}`)
  process.exitCode = 1
}
