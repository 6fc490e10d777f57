import { describe, expect, it } from "vitest"
import { cloudflareWsDo } from "../../providers/cloudflare/provider.ts"
import { holdToModel, propertySeed } from "./model-run.ts"

const seed = propertySeed(20_260_702)

describe(`commands of two clients against a model, GAUNTLET_SEED=${seed}`, () => {
  it("hold on cf-ws-do, 12 lists of them", async () => {
    expect(await holdToModel(cloudflareWsDo, { seed, runs: 12 })).toBeGreaterThan(60)
  })
})
