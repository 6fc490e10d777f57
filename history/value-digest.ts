import { createHash } from "node:crypto"

/** Half of the SHA-256, in hex, of the value that a JSON text means: equal for all texts that mean the same. */
export const valueDigest = (json: string): string => {
  let value: unknown
  try {
    value = JSON.parse(json)
  } catch {
    return hexOf(`no JSON: ${json}`)
  }
  return hexOf(textOf(value))
}

const hexOf = (text: string): string => createHash("sha256").update(text).digest("hex").slice(0, 32)

/** A part of the text that is ready, or a value that stands for its own. */
type Piece = { readonly text: string } | { readonly value: unknown }

/**
 * One text for each value: keys are sorted, numbers and strings are spelled in one way. Walks with a list instead of
 * the call stack: arguments may be nested deeper than that.
 */
const textOf = (value: unknown): string => {
  const parts: Array<string> = []
  const left: Array<Piece> = [{ value }]
  for (let piece = left.pop(); piece !== undefined; piece = left.pop()) {
    if ("text" in piece) parts.push(piece.text)
    else if (typeof piece.value === "object" && piece.value !== null) {
      const pieces = piecesOf(piece.value)
      for (let n = pieces.length - 1; n >= 0; n--) left.push(pieces[n]!)
    } else parts.push(scalarText(piece.value))
  }
  return parts.join("")
}

/** `JSON.stringify` would spell a number past the largest as null; of strings it escapes what is half a character. */
const scalarText = (value: unknown): string => (typeof value === "string" ? JSON.stringify(value) : String(value))

const piecesOf = (value: object): ReadonlyArray<Piece> => {
  const pieces: Array<Piece> = []
  if (Array.isArray(value)) {
    for (const item of value) pieces.push({ text: "," }, { value: item })
    return [{ text: "[" }, ...pieces, { text: "]" }]
  }
  for (const key of Object.keys(value).toSorted()) {
    pieces.push({ text: `,${JSON.stringify(key)}:` }, { value: (value as Record<string, unknown>)[key] })
  }
  return [{ text: "{" }, ...pieces, { text: "}" }]
}
