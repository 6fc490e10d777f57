/** A request that is answered with an error. */
export class Refusal extends Error {
  readonly status: number
  readonly body: unknown
  readonly headers: Readonly<Record<string, string>>
  constructor(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}) {
    super(JSON.stringify(body))
    this.status = status
    this.body = body
    this.headers = headers
  }
}

const uncached = { "cache-control": "no-store", "surrogate-control": "no-store" }

/** 400 for one field of the request. */
export const invalid = (field: string, ...messages: ReadonlyArray<string>): Refusal =>
  new Refusal(400, { message: "Invalid request", errors: { [field]: messages } }, uncached)

/** 503 with the time after which to try again. */
export const unavailable = (
  message: string,
  retryAfterSeconds: number,
  headers: Readonly<Record<string, string>> = {},
): Refusal => new Refusal(503, { message }, { ...uncached, "retry-after": String(retryAfterSeconds), ...headers })

/** 409: the shape is gone; with a handle the one that took its place. */
export const mustRefetch = (handle?: string): Refusal =>
  new Refusal(
    409,
    [{ headers: { control: "must-refetch" } }],
    handle === undefined
      ? { "cache-control": "public, max-age=1, must-revalidate" }
      : {
          "cache-control": "public, max-age=60, must-revalidate",
          etag: `"${handle}::"`,
          "electric-handle": handle,
        },
  )
