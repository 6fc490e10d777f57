import { createHash } from "node:crypto"
import { mock } from "../../providers/mock/provider.ts"
import { openSession } from "../../harness/session.ts"
import { toNdjson } from "../../history/ndjson.ts"
import { checks } from "../index.ts"

/*
 * Prints one line for each check of the mock and each seed: the digest of its history, byte for byte. Run as
 * `node history-digests.ts FIRST COUNT`; two processes that print the same have made the same histories.
 */
const [first = 0, count = 1] = process.argv.slice(2).map(Number)
const session = openSession({ provider: mock, nonce: "v" })
for (let seed = first; seed < first + count; seed++) {
  for (const check of checks) {
    if (check.unsupported?.(mock.capabilities) !== undefined) continue
    const { records, harnessError } = await session.run(check, seed, 0)
    // The begin record holds the seed itself and would make every history unlike the others.
    const digest = createHash("sha256").update(toNdjson(records.slice(1))).digest("hex").slice(0, 24)
    console.log(`${check.id} ${seed} ${records.length} ${harnessError ?? digest}`)
  }
}
await session.close()
