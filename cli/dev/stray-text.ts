/** What ties a file to the machine that it was written on, and what it is called in a finding. */
const strays: ReadonlyArray<readonly [what: string, pattern: RegExp]> = [
  ["a path of one machine", /(?<![\w.~/-])\/(?:work|root|home|Users)\/[\w.-]+/],
  ["a path of one machine", /\b[A-Z]:\\Users\\/],
  ["a temporary path; os.tmpdir() knows where", /(?<![\w.~/-])\/tmp\/[\w.-]+/],
  ["a file URL", /\bfile:\/\/\/\w/],
  ["a package registry", /\b(?:registry|tarball)\s*[=:]\s*["']?https?:/],
  ["a leftover of a merge", /^(?:<{7}|>{7}) /],
]

/** Lines of a file that hold such text: "path:line holds …". */
export const strayText = (path: string, text: string): ReadonlyArray<string> =>
  text.split("\n").flatMap((line, index) => {
    const stray = strays.find(([, pattern]) => pattern.test(line))
    return stray === undefined ? [] : [`${path}:${index + 1} holds ${stray[0]}: ${line.trim().slice(0, 120)}`]
  })
