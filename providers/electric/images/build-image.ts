import { copyFileSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { basename, dirname, join } from "node:path"
import { findEngine } from "../docker/engine.ts"
import { librariesOf } from "./libraries.ts"

/** An image made of files that lie on this machine, without any other image below it. */
export interface ImagePlan {
  readonly name: string
  /** Programs and their place in the image. */
  readonly programs: Readonly<Record<string, string>>
  /** Programs that lie in `folders`, and whose libraries are needed too. */
  readonly linked?: ReadonlyArray<string>
  /** Folders and their place in the image; `keep` says which of their files are taken. */
  readonly folders?: Readonly<Record<string, string>>
  readonly keep?: (path: string) => boolean
  /** Files by their place in the image. */
  readonly files: Readonly<Record<string, string>>
  /** Folders that belong to the user whose number is `owner`; nobody else's when the programs run as root. */
  readonly owned?: { readonly owner: number; readonly folders: ReadonlyArray<string> }
  /** The lines of the Dockerfile after everything has been copied. */
  readonly lines: ReadonlyArray<string>
}

/** Where the libraries of this machine lie in an image. */
const libraryDirectory = "/usr/lib/stand-in"

/** Builds an image on the engine and gives its id. Nothing is asked of a registry. */
export const buildImage = async (plan: ImagePlan): Promise<string> => {
  const context = mkdtempSync(join(tmpdir(), "sync-gauntlet-image-"))
  try {
    layOut(context, plan)
    writeFileSync(join(context, "Dockerfile"), dockerfile(plan))
    const { client } = await findEngine()
    const { GenericContainer, ImageName } = await import("testcontainers")
    const idNow = () =>
      client.image.inspect(ImageName.fromString(plan.name)).then(
        ({ Id }) => Id,
        () => undefined,
      )
    const before = await idNow()
    await GenericContainer.fromDockerfile(context).build(plan.name, { deleteOnExit: false })
    const id = await idNow()
    if (id === undefined) throw new Error(`${plan.name} was built and is not on the engine`)
    // The one that had the name before would stay without one; it does where a container runs on it.
    if (before !== undefined && before !== id) {
      await client.container.dockerode
        .getImage(before)
        .remove()
        .catch(() => undefined)
    }
    return id
  } finally {
    rmSync(context, { recursive: true, force: true })
  }
}

const dockerfile = ({ owned, lines }: ImagePlan): string =>
  [
    "FROM scratch",
    "COPY root /",
    // A folder that is there already would keep its owner: these are copied apart.
    ...(owned === undefined ? [] : [`COPY --chown=${owned.owner}:${owned.owner} owned /`]),
    `ENV LD_LIBRARY_PATH=${libraryDirectory}`,
    ...lines,
    "",
  ].join("\n")

const layOut = (context: string, { programs, linked = [], folders = {}, keep, files, owned }: ImagePlan): void => {
  const place = (path: string, under = "root"): string => {
    const full = join(context, under, path)
    mkdirSync(dirname(full), { recursive: true })
    return full
  }
  for (const [from, to] of Object.entries(folders)) {
    cpSync(from, place(to), { recursive: true, verbatimSymlinks: true, filter: (path) => keep?.(path) ?? true })
  }
  for (const [from, to] of Object.entries(programs)) copyFileSync(from, place(to))
  const inFolders = (path: string) => Object.keys(folders).some((folder) => path.startsWith(`${folder}/`))
  const { loader, shared } = librariesOf([...Object.keys(programs), ...linked])
  copyFileSync(loader, place(loader))
  for (const path of shared.values()) {
    if (!inFolders(path)) copyFileSync(path, place(join(libraryDirectory, basename(path))))
  }
  for (const [path, text] of Object.entries(files)) {
    writeFileSync(place(path), text, { mode: path.startsWith("/etc/") ? 0o644 : 0o755 })
  }
  for (const folder of owned?.folders ?? []) writeFileSync(place(join(folder, ".keep"), "owned"), "")
}
