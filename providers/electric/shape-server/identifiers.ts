/** Postgres's own quoting: "a""b". */
export const quote = (name: string): string => `"${name.replaceAll('"', '""')}"`

/**
 * Reads names as Postgres does: what stands without quotes is folded to small letters. Names are separated by
 * `separator`. Undefined for what is none.
 */
export const parseNames = (text: string, separator: "." | ","): ReadonlyArray<string> | undefined => {
  const names: Array<string> = []
  const pattern = /\s*(?:"((?:[^"]|"")+)"|([A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*))\s*(.|$)/sy
  for (;;) {
    const match = pattern.exec(text)
    if (match === null) return undefined
    names.push(match[1]?.replaceAll('""', '"') ?? match[2]?.toLowerCase() ?? "")
    if (match[3] === "") return names
    if (match[3] !== separator) return undefined
  }
}

/** A table by schema and name. */
export interface TableName {
  readonly schema: string
  readonly name: string
}

/** "log", "public.log", "\"Log\"". Undefined for what is none. */
export const parseTable = (text: string): TableName | undefined => {
  const names = parseNames(text, ".")
  const [first, second] = names ?? []
  if (first === undefined || (names?.length ?? 0) > 2) return undefined
  return second === undefined ? { schema: "public", name: first } : { schema: first, name: second }
}
