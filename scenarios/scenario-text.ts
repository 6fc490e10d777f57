import type { StepsPlan } from "../contract/scenario.ts"

/** A scenario as a file: one line for each step, fault and preemption, so that people can read and change it. */
export const scenarioText = (plan: StepsPlan): string => {
  const members = Object.entries(plan).map(([name, value]) => {
    if (!Array.isArray(value) || value.length === 0) return `  ${JSON.stringify(name)}: ${spaced(value)}`
    const lines = value.map((one) => `    ${spaced(one)}`).join(",\n")
    return `  ${JSON.stringify(name)}: [\n${lines}\n  ]`
  })
  return `{\n${members.join(",\n")}\n}\n`
}

/** JSON of one line with a space behind each comma and colon. */
const spaced = (value: unknown): string => {
  if (Array.isArray(value)) return `[${value.map(spaced).join(", ")}]`
  if (typeof value !== "object" || value === null) return JSON.stringify(value)
  const members = Object.entries(value).map(([name, member]) => `${JSON.stringify(name)}: ${spaced(member)}`)
  return members.length === 0 ? "{}" : `{ ${members.join(", ")} }`
}
