import { describe, expect, it } from "vitest"
import { commands } from "./commands.ts"
import { helpOf, helpOfAll } from "./help.ts"

describe("help", () => {
  it("lists every command, examples and exit codes", () => {
    const text = helpOfAll(commands)
    for (const { name, summary } of commands) expect(text).toMatch(new RegExp(`^ {2}${name} +${summary}$`, "m"))
    expect(text).toContain("Examples")
    expect(text).toContain("130  interrupted")
  })

  it.each(commands.map(({ name }) => name))(
    "of %s has every flag with what it does, and examples that begin with it",
    async (name) => {
      const { command } = await commands.find((entry) => entry.name === name)!.load()
      const text = helpOf(command)
      expect(command.name).toBe(name)
      for (const flag of Object.keys(command.flags)) expect(text).toMatch(new RegExp(`^ {2}--${flag}\\b.* {2}\\S`, "m"))
      expect(command.examples.length).toBeGreaterThan(0)
      expect(command.examples.filter(([example]) => !example.startsWith(`gauntlet ${name}`))).toEqual([])
    },
  )
})
