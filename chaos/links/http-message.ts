/** The head of an HTTP/1 request or answer, read. */
export interface HttpHead {
  /** Its bytes as they came, with the empty line. */
  readonly raw: Buffer
  /** "POST /sync HTTP/1.1", "HTTP/1.1 200 OK". */
  readonly start: string
  /** Its header lines as they stood. */
  readonly lines: ReadonlyArray<string>
  /** Of a request; empty in an answer. */
  readonly method: string
  readonly path: string
  /** Of an answer; 0 in a request. */
  readonly status: number
}

/** How the end of a body is told. */
export type Framing =
  | { readonly kind: "none" | "chunked" | "until-close" }
  | { readonly kind: "length"; readonly sizeBytes: number }

const requestLine = /^([!#$%&'*+.^_`|~\w-]+) (\S+) HTTP\/1\.[01]$/
const statusLine = /^HTTP\/1\.[01] (\d{3})(?: .*)?$/
const headerLine = /^[!#$%&'*+.^_`|~\w-]+:/

/** Reads a head; undefined when it is none, or one that two readers could read differently. */
export const readHttpHead = (raw: Buffer, of: "request" | "answer"): HttpHead | undefined => {
  const lines = raw.toString("latin1").slice(0, -4).split("\r\n")
  // An empty line before a request is left over from the body before it.
  if (lines[0] === "") lines.shift()
  const start = lines.shift() ?? ""
  const matched = (of === "request" ? requestLine : statusLine).exec(start)
  if (matched === null || !lines.every((line) => headerLine.test(line))) return undefined
  const [, first = "", path = ""] = matched
  if (of === "request") return { raw, start, lines, method: first, path, status: 0 }
  return { raw, start, lines, method: "", path: "", status: Number(first) }
}

/** Whether bytes may be the beginning of a head. */
export const mayBeHead = (bytes: Buffer, of: "request" | "answer"): boolean => {
  const begin = bytes.toString("latin1", 0, 32)
  if (of === "answer") return begin.startsWith("HTTP/1.".slice(0, begin.length))
  return /^(?:\r\n?)?[!#$%&'*+.^_`|~\w-]*(?: |$)/.test(begin)
}

/** The values of a header, by its name in lower case. */
export const valuesOf = (head: HttpHead, name: string): ReadonlyArray<string> => {
  const values: Array<string> = []
  for (const line of head.lines) {
    if (line.charCodeAt(name.length) === 58 && line.slice(0, name.length).toLowerCase() === name) {
      values.push(line.slice(name.length + 1).trim())
    }
  }
  return values
}

/** The bytes of a head with these lines. */
export const renderHead = (start: string, lines: ReadonlyArray<string>): Buffer =>
  Buffer.from(`${[start, ...lines].join("\r\n")}\r\n\r\n`, "latin1")

/** The header lines without those of these names, which are in lower case. */
export const linesWithout = (head: HttpHead, names: ReadonlyArray<string>): ReadonlyArray<string> =>
  head.lines.filter((line) => !names.includes(line.slice(0, line.indexOf(":")).toLowerCase()))

/** How the body behind a head is framed; undefined when that cannot be told. `method` is that of the request. */
export const framingOf = (head: HttpHead, method: string): Framing | undefined => {
  const answer = head.status > 0
  if (answer && (method === "HEAD" || head.status < 200 || head.status === 204 || head.status === 304)) {
    return { kind: "none" }
  }
  const codings = valuesOf(head, "transfer-encoding").join(",").toLowerCase()
  if (codings !== "") {
    if (/(?:^|,)\s*chunked$/.test(codings)) return { kind: "chunked" }
    return answer ? { kind: "until-close" } : undefined
  }
  const lengths = new Set(valuesOf(head, "content-length").flatMap((value) => value.split(/\s*,\s*/)))
  const [length] = lengths
  if (length === undefined) return { kind: answer ? "until-close" : "none" }
  if (lengths.size > 1 || !/^\d{1,15}$/.test(length)) return undefined
  return length === "0" ? { kind: "none" } : { kind: "length", sizeBytes: Number(length) }
}
