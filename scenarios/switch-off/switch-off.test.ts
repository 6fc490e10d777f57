import { describe, expect, it } from "vitest"
import { anomalies } from "../../contract/anomaly.ts"
import { readTrial } from "../../harness/caught.ts"
import type { Check } from "../../harness/check.ts"
import { tryClean, tryMutant } from "../../harness/trial.ts"
import { withoutFault, type SwitchableFault } from "../../harness/without-fault.ts"
import { mutants as plantedMutants } from "../../providers/mutants/index.ts"
import type { Mutant } from "../../providers/mutants/mutant.ts"
import { checks as suiteChecks } from "../../suites/index.ts"
import { anomalyProofs, type Proof } from "./anomaly-proofs.ts"
import { faultProofs } from "./fault-proofs.ts"
import { worldChecks } from "./world-checks.ts"
import { worldMutants } from "./world-mutants.ts"

const allMutants = [...plantedMutants, ...worldMutants]
const allChecks = [...suiteChecks, ...worldChecks]

const found = ({ mutant, check }: Proof): { readonly mutant: Mutant; readonly check: Check } => {
  const [bug, by] = [allMutants.find(({ id }) => id === mutant), allChecks.find(({ id }) => id === check)]
  if (bug === undefined || by === undefined) throw new Error(`there is no ${bug === undefined ? mutant : check}`)
  return { mutant: bug, check: by }
}

describe("switching an anomaly off", () => {
  for (const anomaly of anomalies) {
    const proof = anomalyProofs[anomaly]
    it(`lets ${proof.mutant} through ${proof.check}, which ${anomaly} alone convicts`, () => {
      const { mutant, check } = found(proof)
      expect(mutant.anomaly).toBe(anomaly)
      expect(tryClean(check, proof.seed).outcome).toBe("pass")
      expect(readTrial(mutant, tryMutant(mutant, check, proof.seed))._tag).toBe("caught")
      const unseen = tryMutant(mutant, check, proof.seed, { except: new Set([anomaly]) })
      expect(unseen.fires.length).toBeGreaterThan(0)
      expect({ outcome: unseen.outcome, reason: unseen.reason }).toEqual({ outcome: "pass", reason: undefined })
    })
  }
})

describe("switching a fault off", () => {
  for (const [fault, proof] of Object.entries(faultProofs) as ReadonlyArray<[SwitchableFault, Proof]>) {
    it(`lets ${proof.mutant} through ${proof.check}, which convicts it under ${fault}`, () => {
      const { mutant, check } = found(proof)
      expect(tryClean(check, proof.seed).outcome).toBe("pass")
      expect(readTrial(mutant, tryMutant(mutant, check, proof.seed))._tag).toBe("caught")
      const unhurt = tryMutant(mutant, withoutFault(check, fault), proof.seed)
      expect({ outcome: unhurt.outcome, reason: unhurt.reason }).toEqual({ outcome: "pass", reason: undefined })
    })
  }
})
