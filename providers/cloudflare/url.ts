/** Where a Worker listens. */
export interface WorkerTarget {
  readonly host: string
  readonly port: number
  /** Whether it speaks TLS; default no. */
  readonly secure?: boolean
}

/** The variables that name a Worker which already runs. */
export const urlVariable = "GAUNTLET_CF_URL"
export const tokenVariable = "GAUNTLET_CF_TOKEN"
export const formVariable = "GAUNTLET_CF_FORM"

/** Reads the Worker's address out of its URL; else what is wrong with it. */
export const readWorkerUrl = (text: string): WorkerTarget | string => {
  if (!URL.canParse(text)) return `${urlVariable}=${text} is no URL: write it as https://name.example.workers.dev`
  const { protocol, hostname, port, pathname } = new URL(text)
  if (protocol !== "http:" && protocol !== "https:") return `${urlVariable}=${text} must begin with http:// or https://`
  if (pathname !== "/") return `${urlVariable}=${text} must name the Worker alone, without the path ${pathname}`
  const secure = protocol === "https:"
  return { host: hostname, port: port === "" ? (secure ? 443 : 80) : Number(port), secure }
}
