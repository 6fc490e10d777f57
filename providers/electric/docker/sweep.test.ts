import { spawn, type ChildProcess } from "node:child_process"
import { once } from "node:events"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"
import { afterEach, describe, expect, it } from "vitest"
import type { Engine } from "./engine.ts"
import { imagesOrSkip } from "./engine.fixture.ts"
import { runLabel } from "./labels.ts"
import { holdingsOf, sweepAbandoned } from "./sweep.ts"

const program = fileURLToPath(new URL("holding.fixture.ts", import.meta.url))
let holder: ChildProcess | undefined

afterEach(() => {
  holder?.kill("SIGKILL")
  holder = undefined
})

/** Starts a process that holds things on the engine, and waits until it does. */
const hold = async (...args: ReadonlyArray<string>): Promise<{ readonly runId: string; readonly volume: string }> => {
  holder = spawn(process.execPath, [program, ...args], { stdio: ["ignore", "pipe", "inherit"] })
  for await (const line of createInterface(holder.stdout!)) return JSON.parse(line)
  throw new Error("the holder ended before it held anything")
}

const kill = async (): Promise<void> => {
  const ended = once(holder!, "exit")
  holder!.kill("SIGKILL")
  await ended
}

const heldBy = async (engine: Engine, { runId, volume }: { readonly runId: string; readonly volume: string }) => {
  const { containers, networks } = await holdingsOf(engine, (labels) => labels[runLabel] === runId)
  const { Volumes } = await engine.client.container.dockerode.listVolumes()
  return {
    containers: containers.length,
    networks: networks.length,
    volumes: (Volumes ?? []).filter(({ Name }) => Name === volume).length,
  }
}

const one = { containers: 1, networks: 1, volumes: 1 }
const none = { containers: 0, networks: 0, volumes: 0 }

/** Looks again until nothing is held; the bound is the test's own. */
const untilNothing = async (engine: Engine, run: Awaited<ReturnType<typeof hold>>): Promise<void> => {
  while (JSON.stringify(await heldBy(engine, run)) !== JSON.stringify(none)) {
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

describe("what a killed run leaves on the engine", () => {
  it("is removed by its sweeper: container, network and volume", async (context) => {
    const { engine } = await imagesOrSkip(context)
    const run = await hold()
    expect(await heldBy(engine, run)).toEqual(one)
    await kill()
    await untilNothing(engine, run)
    expect(await heldBy(engine, run)).toEqual(none)
  })

  it("is removed by the next run when the sweeper was ended as well; what still runs is left alone", async (context) => {
    const { engine } = await imagesOrSkip(context)
    const run = await hold("--no-sweeper")
    await sweepAbandoned(engine)
    expect(await heldBy(engine, run)).toEqual(one)
    await kill()
    await sweepAbandoned(engine)
    expect(await heldBy(engine, run)).toEqual(none)
  })
})
