import { describe, expect, it } from "vitest"
import { readLibraries } from "./libraries.ts"

const printed = [
  "/opt/node:",
  "\tlinux-vdso.so.1 (0x00007fb7fe00a000)",
  "\tlibm.so.6 => /lib/x86_64-linux-gnu/libm.so.6 (0x00007fb7fdf13000)",
  "\t/lib64/ld-linux-x86-64.so.2 (0x00007fb7fe00c000)",
  "/opt/other:",
  "\tlibc.so.6 => /lib/x86_64-linux-gnu/libc.so.6 (0x00007fb7fda1e000)",
  "\tlibm.so.6 => /lib/x86_64-linux-gnu/libm.so.6 (0x00007fb7fdf13000)",
].join("\n")

describe("the libraries of a program", () => {
  it("are read once each, with the loader apart", () => {
    const { loader, shared } = readLibraries(printed)
    expect(loader).toBe("/lib64/ld-linux-x86-64.so.2")
    expect([...shared]).toEqual([
      ["libm.so.6", "/lib/x86_64-linux-gnu/libm.so.6"],
      ["libc.so.6", "/lib/x86_64-linux-gnu/libc.so.6"],
    ])
  })

  it("are refused by name when one is missing", () => {
    expect(() => readLibraries(`${printed}\n\tlibssl.so.1.1 => not found`)).toThrow("libssl.so.1.1 is not installed")
  })

  it("are refused for a program that the machine cannot load", () => {
    expect(() => readLibraries("\tnot a dynamic executable")).toThrow("not for this machine")
  })
})
