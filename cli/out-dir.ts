import { accessSync, constants, existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from "node:fs"
import { basename, dirname, join, resolve } from "node:path"
import { fileURLToPath } from "node:url"
import { isAlive, readProcess } from "../harness/processes.ts"
import { UsageError } from "./usage-error.ts"

/** Where runs go unless --out says otherwise. */
export const defaultOutDir = fileURLToPath(new URL("../reports/out/latest", import.meta.url))

/** Where the run before the latest one is kept. */
const previousOutDir = fileURLToPath(new URL("../reports/out/previous", import.meta.url))

/** A folder that is filled beside its place and put there whole. */
export interface OutDir {
  /** Where files are written. */
  readonly work: string
  /** Where they will be. */
  readonly target: string
  /** Puts the folder in its place. The run that was there before is kept as `previous` in the default place, else replaced. */
  readonly publish: () => void
  /** Removes what was written. */
  readonly discard: () => void
}

/** Opens a folder for a run; `UsageError` when its place cannot be written or holds something else than a run. */
export const openOutDir = (asked: string | undefined, cwd: string): OutDir => {
  const target = asked === undefined ? defaultOutDir : resolve(cwd, asked)
  const parent = dirname(target)
  refuseForeign(target)
  const work = join(
    parent,
    `.${basename(target)}-${process.pid}-${(readProcess(process.pid)?.started ?? "0").replaceAll(/\W+/g, "_")}`,
  )
  try {
    mkdirSync(parent, { recursive: true })
    accessSync(parent, constants.W_OK)
    removeAbandoned(parent, basename(target))
    mkdirSync(work, { recursive: true })
  } catch (error) {
    throw new UsageError(`cannot write to ${target}: ${reasonOf(error)}; name another folder with --out DIR`)
  }
  return {
    work,
    target,
    publish: () => {
      if (existsSync(target)) {
        const aside = target === defaultOutDir ? previousOutDir : `${work}-old`
        rmSync(aside, { recursive: true, force: true })
        renameSync(target, aside)
        renameSync(work, target)
        if (aside !== previousOutDir) rmSync(aside, { recursive: true, force: true })
      } else renameSync(work, target)
    },
    discard: () => rmSync(work, { recursive: true, force: true }),
  }
}

/** Only a run is replaced by a run: a folder with anything else in it stays. */
const refuseForeign = (target: string): void => {
  if (!existsSync(target)) return
  if (!statSync(target).isDirectory()) throw new UsageError(`--out ${target} is a file; name a folder`)
  let names: ReadonlyArray<string>
  try {
    names = readdirSync(target)
  } catch (error) {
    throw new UsageError(`cannot read ${target}: ${reasonOf(error)}; name another folder with --out DIR`)
  }
  if (names.length > 0 && !names.includes("run.json")) {
    throw new UsageError(`--out ${target} holds files that are no run; name a new or an empty folder`)
  }
}

/** Folders of runs whose process was ended before it could clean up. */
const removeAbandoned = (parent: string, name: string): void => {
  const pattern = new RegExp(
    String.raw`^\.${name.replaceAll(/[.+^${}()|[\]\\*?]/g, String.raw`\$&`)}-(\d+)-(\S+?)(-old)?$`,
  )
  for (const entry of readdirSync(parent)) {
    const [, pid, started] = pattern.exec(entry) ?? []
    if (pid === undefined || started === undefined) continue
    if (!isAlive({ pid: Number(pid), started, parent: 0, group: 0, session: 0 })) {
      rmSync(join(parent, entry), { recursive: true, force: true })
    }
  }
}

const reasonOf = (error: unknown): string => {
  const { code, message } = error as NodeJS.ErrnoException
  const words: Record<string, string> = {
    EACCES: "no permission",
    EPERM: "no permission",
    EROFS: "the file system is read-only",
    ENOTDIR: "a part of the path is a file",
    EEXIST: "a part of the path is a file",
    ENOSPC: "no space left",
    ENOENT: "a part of the path does not exist and cannot be made",
  }
  return words[code ?? ""] ?? message.split("\n")[0] ?? "unknown"
}
