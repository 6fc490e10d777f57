import { imageVariables, standInImages, type ImageNames, type ImageRole } from "../images/image-names.ts"
import type { Engine } from "./engine.ts"

/** Failures of the engine's own interface. */
interface EngineFailure {
  readonly statusCode?: number
  readonly message?: string
}

/** How long a registry may take to say whether it has an image, in milliseconds. */
const askRegistryMs = 10_000

/** How often the progress of a pull is told, in milliseconds. */
const tellEveryMs = 2_000

/** The id of an image that the engine holds; undefined when it does not. */
const imageId = async (engine: Engine, image: string): Promise<string | undefined> => {
  try {
    return (await engine.client.container.dockerode.getImage(image).inspect()).Id
  } catch (error) {
    if ((error as EngineFailure).statusCode === 404) return undefined
    throw error
  }
}

/** What keeps these images from being started, in one line; undefined when the engine has them or can pull them. */
export const missingImages = async (engine: Engine, images: ImageNames): Promise<string | undefined> => {
  const missing = await Promise.all(
    (["postgres", "electric"] as const).map(async (role) =>
      (await imageId(engine, images[role])) === undefined ? askRegistry(engine, role, images[role]) : undefined,
    ),
  )
  return missing.find((line) => line !== undefined)
}

const askRegistry = async (engine: Engine, role: ImageRole, image: string): Promise<string | undefined> => {
  const late = new Promise<never>((_, reject) => {
    setTimeout(() => reject(new Error(`no answer within ${askRegistryMs / 1000} s`)), askRegistryMs).unref()
  })
  try {
    await Promise.race([engine.client.container.dockerode.getImage(image).distribution(), late])
    return undefined
  } catch (error) {
    return cannotPull(role, image, error as EngineFailure)
  }
}

/** Pulls an image unless the engine has it, and gives its id. Rejects with one line. */
export const ensureImage = async (
  engine: Engine,
  role: ImageRole,
  image: string,
  tell: (line: string) => void,
): Promise<string> => {
  const known = await imageId(engine, image)
  if (known !== undefined) return known
  try {
    await pull(engine, image, tell)
  } catch (error) {
    throw new Error(cannotPull(role, image, error as EngineFailure), { cause: error })
  }
  const pulled = await imageId(engine, image)
  if (pulled === undefined) throw new Error(`image ${image} was pulled and is not on the engine`)
  return pulled
}

const pull = async (engine: Engine, image: string, tell: (line: string) => void): Promise<void> => {
  const { dockerode } = engine.client.container
  const stream = await dockerode.pull(image).catch(async (error: EngineFailure) => {
    if (!/denied|unauthorized|authentication/i.test(error.message ?? "")) throw error
    // A registry that wants a name and a password: the library reads them from Docker's own configuration.
    const { ImageName } = await import("testcontainers")
    await engine.client.image.pull(ImageName.fromString(image))
    return undefined
  })
  if (stream === undefined) return
  const layers = new Map<string, PullEvent["progressDetail"]>()
  let toldAt = -Infinity
  await new Promise<void>((resolve, reject) => {
    dockerode.modem.followProgress(
      stream,
      (error: Error | null) => (error === null ? resolve() : reject(error)),
      ({ id, progressDetail }: PullEvent) => {
        if (id !== undefined && progressDetail?.total !== undefined) layers.set(id, progressDetail)
        if (performance.now() - toldAt < tellEveryMs) return
        toldAt = performance.now()
        tell(progressLine(image, [...layers.values()]))
      },
    )
  })
  tell(`pulled ${image}`)
}

interface PullEvent {
  readonly id?: string
  readonly progressDetail?: { readonly current?: number; readonly total?: number }
}

/** What has come of the layers that have begun, in MB. */
export const progressLine = (image: string, layers: ReadonlyArray<PullEvent["progressDetail"]>): string => {
  const sum = (member: "current" | "total") =>
    Math.round(layers.reduce((bytes, layer) => bytes + (layer?.[member] ?? 0), 0) / 1e6)
  return `pulling ${image}: ${sum("current")} of ${sum("total")} MB`
}

/** Why an image cannot be had and what to do, in one line. */
export const cannotPull = (role: ImageRole, image: string, { message = "" }: EngineFailure): string => {
  const variable = imageVariables[role]
  if (Object.values<string>(standInImages).includes(image)) {
    return `image ${image} is not on the engine: build it with pnpm images`
  }
  if (/invalid reference format/i.test(message)) return `${image} is no name of an image: correct ${variable}`
  if (/manifest|not found|denied|does not exist/i.test(message)) {
    return `image ${image} does not exist: correct ${variable}`
  }
  const why = /dial tcp.*|no answer.*|connection refused|timeout/i.exec(message)?.[0] ?? message
  return (
    `image ${image} is not on the engine and cannot be pulled (${why.trim()}): ` +
    `load it, or run pnpm images and set the two variables that it prints`
  )
}
