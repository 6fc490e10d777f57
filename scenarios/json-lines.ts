/** Where a member stands in a JSON text that parses: the line (from 1) of the value at this path, or of what is nearest above it. */
export const lineAt = (text: string, path: ReadonlyArray<PropertyKey>): number => {
  const offset = offsetAt(text, path)
  return text.slice(0, offset).split("\n").length
}

const offsetAt = (text: string, path: ReadonlyArray<PropertyKey>): number => {
  let at = skipSpace(text, 0)
  for (const member of path) {
    const inner = text[at] === "{" ? memberOf(text, at, String(member)) : itemOf(text, at, Number(member))
    if (inner === undefined) return at
    at = inner
  }
  return at
}

const skipSpace = (text: string, from: number): number => {
  let at = from
  while (/\s/.test(text[at] ?? "")) at++
  return at
}

const endOfString = (text: string, from: number): number => {
  let at = from + 1
  while (text[at] !== '"') at += text[at] === "\\" ? 2 : 1
  return at + 1
}

/** Behind the value that begins here. */
const endOfValue = (text: string, from: number): number => {
  const first = text[from]
  if (first === '"') return endOfString(text, from)
  if (first !== "{" && first !== "[") return from + /^[^\s,\]}]*/.exec(text.slice(from, from + 64))![0].length
  for (let at = from + 1, depth = 1; ;) {
    const character = text[at]
    if (character === '"') at = endOfString(text, at)
    else {
      if (character === "{" || character === "[") depth++
      if (character === "}" || character === "]") depth--
      at++
      if (depth === 0) return at
    }
  }
}

const memberOf = (text: string, from: number, name: string): number | undefined => {
  let at = skipSpace(text, from + 1)
  while (text[at] === '"') {
    const end = endOfString(text, at)
    const found = JSON.parse(text.slice(at, end)) === name
    const value = skipSpace(text, skipSpace(text, end) + 1)
    if (found) return value
    at = skipSpace(text, endOfValue(text, value))
    if (text[at] === ",") at = skipSpace(text, at + 1)
  }
  return undefined
}

const itemOf = (text: string, from: number, index: number): number | undefined => {
  if (text[from] !== "[") return undefined
  let at = skipSpace(text, from + 1)
  for (let n = 0; text[at] !== "]"; n++) {
    if (n === index) return at
    at = skipSpace(text, endOfValue(text, at))
    if (text[at] === ",") at = skipSpace(text, at + 1)
  }
  return undefined
}
