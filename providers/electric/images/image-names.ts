/** What `pnpm images` builds: names that nobody can take for the images that they stand in for. */
export const standInImages = {
  postgres: "sync-gauntlet/postgres-stand-in:18.4",
  electric: "sync-gauntlet/shape-server:0.1",
} as const

/** The variables that name other images than the default ones. */
export const imageVariables = {
  postgres: "GAUNTLET_POSTGRES_IMAGE",
  electric: "GAUNTLET_ELECTRIC_IMAGE",
} as const

/** What an image is for. */
export type ImageRole = keyof typeof imageVariables

/** The two images that a run starts. */
export type ImageNames = Readonly<Record<ImageRole, string>>

/** The real ones, at the versions that this provider was written for. */
const pinnedImages: ImageNames = { postgres: "postgres:18.4", electric: "electricsql/electric:1.7.12" }

/** The images that the environment names, else the pinned ones. */
export const namedImages = (env: NodeJS.ProcessEnv = process.env): ImageNames => ({
  postgres: env[imageVariables.postgres] ?? pinnedImages.postgres,
  electric: env[imageVariables.electric] ?? pinnedImages.electric,
})
