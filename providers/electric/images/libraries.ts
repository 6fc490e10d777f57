import { execFileSync } from "node:child_process"

/** What a program of this machine needs to start elsewhere. */
export interface Libraries {
  /** The dynamic loader, at the path that is written in the program: "/lib64/ld-linux-x86-64.so.2". */
  readonly loader: string
  /** Shared libraries by file name. */
  readonly shared: ReadonlyMap<string, string>
}

/** Reads what `ldd` prints of programs or libraries; lines without a file (the kernel's own) are passed over. */
export const readLibraries = (printed: string): Libraries => {
  const shared = new Map<string, string>()
  let loader = ""
  for (const line of printed.split("\n")) {
    const named = /^\s+(\S+) => (\/\S+) \(0x/.exec(line)
    if (named !== null) shared.set(named[1]!, named[2]!)
    const bare = /^\s+(\/\S+) \(0x/.exec(line)
    if (bare !== null) loader = bare[1]!
    const missing = /^\s+(\S+) => not found/.exec(line)
    if (missing !== null) throw new Error(`${missing[1]} is not installed on this machine`)
  }
  if (loader === "") throw new Error("ldd names no loader: the programs are not for this machine")
  return { loader, shared }
}

/** The libraries of programs that lie on this machine. */
export const librariesOf = (programs: ReadonlyArray<string>): Libraries =>
  readLibraries(execFileSync("ldd", [...programs], { encoding: "utf8" }))
