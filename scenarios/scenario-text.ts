import type { Plan } from "../contract/scenario.ts"

/** A scenario as a file: one line for each step, fault and preemption, so that people can read and change it. */
export const scenarioText = (plan: Plan): string => {
  const members = Object.entries(plan).map(([name, value]) => {
    if (!Array.isArray(value) || isShort(name, value)) return `  ${JSON.stringify(name)}: ${spaced(value)}`
    const lines = value.map((one) => `    ${spaced(one)}`).join(",\n")
    return `  ${JSON.stringify(name)}: [\n${lines}\n  ]`
  })
  return `{\n${members.join(",\n")}\n}\n`
}

const columns = 120

/** What a formatter of JSON keeps in one line: one thing, or several of one member each, as far as they fit. */
const isShort = (name: string, value: ReadonlyArray<object>): boolean =>
  (value.length <= 1 || value.every((one) => Object.keys(one).length === 1)) &&
  `  "${name}": ${spaced(value)},`.length <= columns

/** JSON of one line with a space behind each comma and colon. */
const spaced = (value: unknown): string => {
  if (Array.isArray(value)) return `[${value.map(spaced).join(", ")}]`
  if (typeof value !== "object" || value === null) return JSON.stringify(value)
  const members = Object.entries(value).map(([name, member]) => `${JSON.stringify(name)}: ${spaced(member)}`)
  return members.length === 0 ? "{}" : `{ ${members.join(", ")} }`
}
