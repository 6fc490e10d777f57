import { describe, expect, it } from "vitest"
import { shrinkList } from "./shrink-list.ts"
import { shrinkValue } from "./shrink-value.ts"

const numbers = Array.from({ length: 100 }, (_, n) => n)

describe("shrinkList", () => {
  it("leaves what a failure needs and nothing else", async () => {
    const needs = (wanted: ReadonlyArray<number>) => (list: ReadonlyArray<number>) =>
      wanted.every((n) => list.includes(n))
    expect(await shrinkList(numbers, needs([3, 41, 42, 99]))).toEqual([3, 41, 42, 99])
    expect(await shrinkList(numbers, needs([]))).toEqual([])
  })

  it("leaves a list from which no member can be taken where members hang together", async () => {
    const pairs = (list: ReadonlyArray<number>) => list.length > 0 && list.length % 2 === 0
    const left = await shrinkList(numbers, pairs)
    expect(left.length).toBe(2)
  })

  it("tries the same candidates each time", async () => {
    const tried = async () => {
      const seen: Array<string> = []
      await shrinkList(numbers, (list) => {
        seen.push(list.join())
        return list.includes(7) && list.includes(80)
      })
      return seen
    }
    expect(await tried()).toEqual(await tried())
  })

  it("waits for candidates that take their time", async () => {
    expect(await shrinkList([1, 2, 3], async (list) => list.includes(2))).toEqual([2])
  })
})

describe("shrinkValue", () => {
  it("goes on from each simpler value that fails", async () => {
    const halves = (n: number) => [0, Math.floor(n / 2), n - 1].filter((smaller) => smaller < n && smaller >= 0)
    expect(await shrinkValue(1_000, halves, (n) => n >= 37)).toBe(37)
    expect(await shrinkValue(1_000, halves, (n) => n === 1_000)).toBe(1_000)
  })
})
