// oxlint-disable-next-line import/no-unassigned-import -- it has to run before anything loads Effect
import "../../chaos/world/bare-thread.ts"
import { createHash } from "node:crypto"
import { mock } from "../../providers/mock/provider.ts"
import { openSession } from "../../harness/session.ts"
import { toNdjson } from "../../history/ndjson.ts"
import { checks } from "../index.ts"

/*
 * Prints one line for each check of the mock and each seed: the digest of its history, byte for byte. Run as
 * `node history-digests.ts SEEDS HEAVY`: so many seeds of each check, and so many of the heavy ones, which take three
 * quarters of the time. Two processes that print the same have made the same histories.
 */
const [seeds = 1, heavySeeds = seeds] = process.argv.slice(2).map(Number)
const session = openSession({ provider: mock, nonce: "v" })
for (let seed = 0; seed < seeds; seed++) {
  for (const check of checks) {
    if (check.unsupported?.(mock.capabilities) !== undefined) continue
    if (check.cost === "heavy" && seed >= heavySeeds) continue
    const { records, harnessError } = await session.run(check, seed, 0)
    // The begin record holds the seed itself and would make every history unlike the others.
    const digest = createHash("sha256")
      .update(toNdjson(records.slice(1)))
      .digest("hex")
      .slice(0, 24)
    console.log(`${check.id} ${seed} ${records.length} ${harnessError ?? digest}`)
  }
}
await session.close()
