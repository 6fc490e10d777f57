import { describe, expect, it } from "vitest"
import { identifiers, inserted, statementOf } from "./statement.ts"

const statement = (texts: TemplateStringsArray, ...parts: ReadonlyArray<unknown>) => statementOf(texts, parts)

describe("a statement", () => {
  it("carries its values apart from its text, in the order of their places", () => {
    expect(statement`select * from t where a = ${"'"} and b = any(${["x", "y"]})`).toEqual({
      text: "select * from t where a = $1 and b = any($2)",
      values: ["'", ["x", "y"]],
    })
  })

  it("names tables and columns in quotes", () => {
    expect(statement`drop table ${identifiers('a"b', "C")}`).toEqual({ text: 'drop table "a""b", "C"', values: [] })
  })

  it("inserts rows between other values", () => {
    const rows = [
      { n: 1, text: "a" },
      { n: 2, text: null },
    ]
    expect(statement`with x as (select ${7}) insert into t ${inserted(rows)} on conflict (${8}) do nothing`).toEqual({
      text: 'with x as (select $1) insert into t ("n", "text") values ($2, $3), ($4, $5) on conflict ($6) do nothing',
      values: [7, 1, "a", 2, null, 8],
    })
  })
})
