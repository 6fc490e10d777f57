import { invalid } from "./refusal.ts"
import type { Relation } from "./relation.ts"
import type { Row } from "./row-json.ts"

/** Whether a row belongs to the shape; a comparison with NULL is not true. */
export type RowFilter = (row: Row) => boolean

/** True, false, or SQL's neither. */
type Truth = boolean | undefined
type Condition = (row: Row) => Truth
type Operand = { readonly kind: "number" | "text" | "boolean" } & (
  | { readonly column: string }
  | { readonly literal: string | null }
)

interface Token {
  readonly kind: "name" | "quoted" | "number" | "text" | "symbol" | "end"
  readonly text: string
  readonly at: number
}

const pattern = /\s*(?:"((?:[^"]|"")+)"|([A-Za-z_]\w*)|(-?\d+(?:\.\d+)?)|'((?:[^']|'')*)'|(<=|>=|<>|!=|[=<>(),]))/y

const tokens = (text: string): ReadonlyArray<Token> => {
  const found: Array<Token> = []
  for (pattern.lastIndex = 0; text.slice(pattern.lastIndex).trim() !== "";) {
    const at = pattern.lastIndex
    const match = pattern.exec(text)
    if (match === null) {
      if (text.slice(at).trimStart().startsWith(";")) throw invalid("where", 'unescaped ";" causing statement split')
      throw invalid("where", `At location ${at}: unsupported syntax`)
    }
    const [whole, quoted, name, number, literal, symbol] = match
    const start = at + whole.length - whole.trimStart().length
    if (quoted !== undefined) found.push({ kind: "quoted", text: quoted.replaceAll('""', '"'), at: start })
    else if (name !== undefined) found.push({ kind: "name", text: name.toLowerCase(), at: start })
    else if (number !== undefined) found.push({ kind: "number", text: number, at: start })
    else if (literal !== undefined) found.push({ kind: "text", text: literal.replaceAll("''", "'"), at: start })
    else found.push({ kind: "symbol", text: symbol ?? "", at: start })
  }
  return [...found, { kind: "end", text: "", at: text.length }]
}

const numberTypes = new Set(["int2", "int4", "int8", "numeric", "float4", "float8"])

/**
 * Reads the part of SQL's conditions that can be decided here as Postgres does: columns and literals compared with
 * `= <> != < <= > >=` (order only of numbers), `IN (…)`, `IS [NOT] NULL`, `AND`, `OR`, `NOT`, parentheses. What it has
 * read as a whole is safe to hand to Postgres as it stands. Throws a refusal for everything else.
 */
export const parseWhere = (text: string, relation: Relation): RowFilter => {
  const all = tokens(text)
  let next = 0
  const peek = (): Token => all[next] as Token
  const take = (): Token => all[next++] as Token
  const isNext = (words: string): boolean => peek().kind !== "quoted" && peek().kind !== "text" && peek().text === words
  const accept = (words: string): boolean => isNext(words) && take() !== undefined
  const expect = (words: string): void => {
    if (!accept(words)) throw invalid("where", `At location ${peek().at}: expected ${words}`)
  }

  const operand = (): Operand => {
    const token = take()
    if (token.kind === "number") return { kind: "number", literal: token.text }
    if (token.kind === "text") return { kind: "text", literal: token.text }
    if (token.kind === "name" && (token.text === "true" || token.text === "false")) {
      return { kind: "boolean", literal: token.text === "true" ? "t" : "f" }
    }
    if (token.kind === "name" && token.text === "null") return { kind: "text", literal: null }
    if (token.kind !== "name" && token.kind !== "quoted") {
      throw invalid("where", `At location ${token.at}: expected a column or a value`)
    }
    if (token.kind === "name" && isNext("(")) {
      throw invalid("where", `At location ${token.at}: unknown or unsupported function ${token.text}/0`)
    }
    const column = relation.columns.find(({ name }) => name === token.text)
    if (column === undefined) throw invalid("where", `At location ${token.at}: unknown reference ${token.text}`)
    const kind = numberTypes.has(column.type) ? "number" : column.type === "bool" ? "boolean" : "text"
    return { kind, column: column.name }
  }

  const comparison = (): Condition => {
    if (accept("(")) {
      const inner = disjunction()
      expect(")")
      return inner
    }
    const { at } = peek()
    const left = operand()
    if (accept("is")) {
      const isNegated = accept("not")
      expect("null")
      return (row) => (read(left, row) === null) !== isNegated
    }
    const isNegated = accept("not")
    if (accept("in")) {
      expect("(")
      const members: Array<Condition> = []
      do members.push(compare("=", left, operand(), at))
      while (accept(","))
      expect(")")
      const any = either(members)
      return isNegated ? not(any) : any
    }
    const operator = take()
    if (isNegated || !/^(=|<>|!=|<|<=|>|>=)$/.test(operator.text) || operator.kind !== "symbol") {
      if (left.kind === "boolean" && !isNegated) {
        next -= 1
        return compare("=", left, { kind: "boolean", literal: "t" }, at)
      }
      throw invalid("where", `At location ${operator.at}: expected a comparison`)
    }
    return compare(operator.text, left, operand(), at)
  }
  const negation = (): Condition => (accept("not") ? not(negation()) : comparison())
  const conjunction = (): Condition => {
    const parts = [negation()]
    while (accept("and")) parts.push(negation())
    return not(either(parts.map(not)))
  }
  const disjunction = (): Condition => {
    const parts = [conjunction()]
    while (accept("or")) parts.push(conjunction())
    return either(parts)
  }
  const condition = disjunction()
  if (peek().kind !== "end") throw invalid("where", `At location ${peek().at}: unsupported syntax`)
  return (row) => condition(row) === true
}

const read = (operand: Operand, row: Row): string | null =>
  "column" in operand ? (row[operand.column] ?? null) : operand.literal

const not =
  (inner: Condition): Condition =>
  (row) => {
    const truth = inner(row)
    return truth === undefined ? undefined : !truth
  }

const either =
  (parts: ReadonlyArray<Condition>): Condition =>
  (row) => {
    let result: Truth = false
    for (const part of parts) {
      const truth = part(row)
      if (truth === true) return true
      if (truth === undefined) result = undefined
    }
    return result
  }

const compare = (operator: string, left: Operand, right: Operand, at: number): Condition => {
  const isOfNumbers = left.kind === "number" || right.kind === "number"
  if (!isOfNumbers && !/^(=|<>|!=)$/.test(operator)) {
    throw invalid("where", `At location ${at}: only numbers can be compared with ${operator}`)
  }
  return (row) => {
    const a = read(left, row)
    const b = read(right, row)
    if (a === null || b === null) return undefined
    const order = isOfNumbers ? compareNumbers(a, b) : a === b ? 0 : 1
    if (operator === "=") return order === 0
    if (operator === "<>" || operator === "!=") return order !== 0
    if (operator === "<") return order < 0
    if (operator === "<=") return order <= 0
    return operator === ">" ? order > 0 : order >= 0
  }
}

const compareNumbers = (a: string, b: string): number => {
  const areWhole = /^-?\d+$/.test(a) && /^-?\d+$/.test(b)
  const [left, right] = areWhole ? [BigInt(a), BigInt(b)] : [Number(a), Number(b)]
  return left === right ? 0 : left < right ? -1 : 1
}
