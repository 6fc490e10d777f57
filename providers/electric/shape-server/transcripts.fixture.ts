import { existsSync, readdirSync, readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"

/** A recorded exchange with Electric 1.7.12. */
export interface Transcript {
  readonly label: string
  readonly request: {
    readonly method: string
    readonly url: string
    readonly headers: Readonly<Record<string, string>>
  }
  /** Null when the connection broke. */
  readonly response: Recorded | null
}

interface Recorded {
  readonly status: number
  readonly rawHeaders: ReadonlyArray<readonly [string, string]>
  readonly body?: string
  readonly bodyHead?: string
  readonly bodyTail?: string
  readonly firstByteMs: number
}

const folder = fileURLToPath(new URL("../../../../shared/electric/transcripts/", import.meta.url))

/** Why nothing can be compared on this machine; undefined when everything is there. */
export const missingTranscripts = existsSync(folder)
  ? undefined
  : "the recorded exchanges with Electric (../shared/electric/transcripts) are not on this machine"

/** All of them, by label; none where they are missing. */
export const transcripts: ReadonlyArray<Transcript> =
  missingTranscripts === undefined
    ? readdirSync(folder)
        .filter((name) => name.endsWith(".json"))
        .toSorted()
        .map((name) => ({
          ...(JSON.parse(readFileSync(`${folder}${name}`, "utf8")) as Omit<Transcript, "label">),
          label: name.replace(/\.json$/, ""),
        }))
    : []

/** A message of a body. */
export interface Message {
  readonly key?: string
  readonly value?: Readonly<Record<string, string | null>>
  readonly headers: {
    readonly control?: string
    readonly operation?: string
    readonly lsn?: string
    readonly op_position?: number
    readonly key_change_to?: string
    readonly key_change_from?: string
  }
}

/** The recorded answer's header. */
export const recordedHeader = (transcript: Transcript, name: string): string | undefined =>
  transcript.response?.rawHeaders.find(([other]) => other === name)?.[1]

/** The messages of a recorded answer, and whether those are all; of a body that is cut the first and the last one. */
export const messagesOf = (
  transcript: Transcript,
): { readonly messages: ReadonlyArray<Message>; readonly isWhole: boolean } => {
  const { body, bodyHead = "", bodyTail = "" } = transcript.response ?? {}
  if (body !== undefined) return { messages: parseBody(body), isWhole: true }
  const first = /^\[(\{.*?\}\}),\{"(?:key|value)":/s.exec(bodyHead)?.[1]
  // A single value that fills the body: its middle is cut out.
  if (first === undefined && bodyHead !== "") return { messages: parseBody(bodyHead + bodyTail), isWhole: false }
  const last = /,(\{"headers":\{"control".*\}\})\]$/s.exec(bodyTail)?.[1]
  return {
    messages: [first, last].flatMap((text) => (text === undefined ? [] : [JSON.parse(text) as Message])),
    isWhole: false,
  }
}

/** The messages of an answer of JSON or of a stream of events. */
export const parseBody = (body: string): ReadonlyArray<Message> => {
  if (body.startsWith("[")) return JSON.parse(body) as ReadonlyArray<Message>
  return body
    .split("\n\n")
    .filter((event) => event.startsWith("data: "))
    .map((event) => JSON.parse(event.slice("data: ".length)) as Message)
}

/** What an answer looks like once everything is taken out that differs from run to run. */
export interface Appearance {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: unknown
}

/** Headers whose value must be the same. */
const sameValue = new Set([
  "cache-control",
  "content-type",
  "vary",
  "retry-after",
  "surrogate-control",
  "electric-up-to-date",
  "electric-has-data",
  "electric-schema",
  "electric-internal-known-error",
  "transfer-encoding",
  "connection",
])
/** Headers that both have, of the same form: numbers that no other run has are replaced. */
const sameForm = new Set(["electric-handle", "electric-offset", "electric-cursor", "etag"])

const formOf = (value: string): string => value.replaceAll(/\d{4,}/g, "N").replaceAll(/-N(?=")/g, "-N")

/** `table` is the name that stands for the table in this answer; of a cut body only the ends are looked at. */
export const appearance = (
  answer: {
    readonly status: number
    readonly headers: ReadonlyArray<readonly [string, string]>
    readonly body: string | ReadonlyArray<Message>
  },
  table: string,
  options: { readonly isWhole: boolean; readonly isSmaller: boolean },
): Appearance => {
  const headers: Record<string, string> = {}
  for (const [name, value] of answer.headers) {
    if (sameValue.has(name) || name.startsWith("access-control-")) headers[name] = value
    if (sameForm.has(name))
      headers[name] = options.isSmaller ? formOf(value).replaceAll(/_(?:\d+|N)/g, "_n") : formOf(value)
  }
  const { body } = answer
  if (typeof body === "string")
    return { status: answer.status, headers, body: body.replaceAll(`\\"${table}\\"`, '\\"T\\"') }
  const last = body.at(-1)
  const ends = [...body.slice(0, 1), ...(body.length > 1 && last?.headers.control !== undefined ? [last] : [])]
  return {
    status: answer.status,
    headers,
    body: (options.isWhole ? body : ends).map((message) => plain(message, table, options)),
  }
}

const plain = (
  message: Message,
  table: string,
  options: { readonly isWhole: boolean; readonly isSmaller: boolean },
): unknown =>
  JSON.parse(JSON.stringify(message), (key, value: unknown) => {
    if (key === "lsn" || key === "global_last_seen_lsn" || key === "xmin" || key === "xmax") return "N"
    // Whose transactions are open is Postgres's affair: after a start it tidies up in some of its own.
    if (key === "xip_list" && Array.isArray(value) && value.every((id) => /^\d+$/.test(String(id)))) return []
    if (key === "txids" && Array.isArray(value)) return value.map(() => 0)
    if (key === "op_position" && options.isSmaller) return 0
    // Of a transaction that is cut nobody knows whether the row was its last one.
    if (key === "last" && !options.isWhole) return undefined
    if (key === "relation" && Array.isArray(value))
      return value.map((name) => (name === table ? "T" : (name as string)))
    if (key.startsWith("key") && typeof value === "string") {
      const named = value.replace(`"${table}"`, '"T"')
      return options.isWhole ? named : named.replace(/"\d+"$/, '"n"')
    }
    // The ends of a cut body belong to other rows.
    if (key === "value" && !options.isWhole) return Object.keys(value as object)
    return value
  }) as unknown
