/** What the ids of the traces of live pulls begin with. */
const prefix = "11fe11fe"

/** A trace id, 32 hexadecimal digits, that says of what runs in it that it belongs to a live pull. */
export const newLiveTraceId = (): string => prefix + crypto.randomUUID().replaceAll("-", "").slice(prefix.length)

/** Whether a trace id is that of a live pull. */
export const isLiveTraceId = (id: unknown): boolean => typeof id === "string" && id.startsWith(prefix)
