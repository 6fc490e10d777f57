import { escapeIdentifier } from "pg"

/** A part of a statement that is more than one value: it is written into the statement's text where it stands. */
export class Fragment {
  /** The part's text; `place` gives a value's placeholder, and is asked in the order of the text. */
  readonly write: (place: (value: unknown) => string) => string

  constructor(write: (place: (value: unknown) => string) => string) {
    this.write = write
  }
}

/** One name, or several with commas between, quoted. */
export const identifiers = (...names: ReadonlyArray<string>): Fragment =>
  new Fragment(() => names.map(escapeIdentifier).join(", "))

/** `("a", "b") values ($1, $2), …` of rows that all have the first one's columns. */
export const inserted = (rows: ReadonlyArray<object>): Fragment =>
  new Fragment((place) => {
    const columns = Object.keys(rows[0] ?? {})
    const lines = rows.map((row) => {
      const values = row as Readonly<Record<string, unknown>>
      return `(${columns.map((column) => place(values[column])).join(", ")})`
    })
    return `(${columns.map(escapeIdentifier).join(", ")}) values ${lines.join(", ")}`
  })

/** What Postgres is sent: a text with placeholders, and their values. An array is one value, of an array type. */
export interface Statement {
  readonly text: string
  readonly values: ReadonlyArray<unknown>
}

/** Makes a statement of a tagged template: values become placeholders, fragments write themselves. */
export const statementOf = (texts: ReadonlyArray<string>, parts: ReadonlyArray<unknown>): Statement => {
  const values: Array<unknown> = []
  const place = (value: unknown): string => `$${values.push(value)}`
  const text = texts.reduce((before, after, index) => {
    const part = parts[index - 1]
    return `${before}${part instanceof Fragment ? part.write(place) : place(part)}${after}`
  })
  return { text, values }
}
