import type { AnomalyName } from "../../contract/anomaly.ts"

/** A planted bug that one check convicts under one seed, by id. */
export interface Proof {
  readonly mutant: string
  readonly check: string
  readonly seed: number
}

/**
 * For each anomaly a planted bug that is caught by it alone: where nobody looks for this anomaly, the check passes.
 * Without these an anomaly could be looked for in vain, and the others would hide it.
 */
export const anomalyProofs: Readonly<Record<AnomalyName, Proof>> = {
  "lost-ack": {
    mutant: "push/settles-under-fault#third-failure-swallowed",
    check: "push/settles-under-fault#frozen",
    seed: 1,
  },
  fork: { mutant: "reset/older-snapshot#same-id", check: "reset/older-snapshot", seed: 1 },
  "torn-batch": { mutant: "world#half-and-failed", check: "push/atomic#world-one-batch", seed: 1 },
  corrupted: { mutant: "push/one#altered", check: "push/one", seed: 2 },
  phantom: { mutant: "world#invents", check: "pull/monotonic#world-three-pulls", seed: 1 },
  "refused-but-stored": { mutant: "reject/async#stored-meanwhile", check: "reject/async", seed: 1 },
  duplicate: { mutant: "live/after-drop#second-drop-goes-back", check: "live/after-drop#again", seed: 1 },
  "double-winner": { mutant: "world#cuts-off-known-of-two", check: "race/same-parent#world-overlap", seed: 1 },
  "stale-parent-accepted": {
    mutant: "world#cuts-off-known-of-old",
    check: "push/stale-parent#world-overlap",
    seed: 1,
  },
  "store-bleed": { mutant: "store/isolated#pages-kept-by-beginning", check: "store/isolated", seed: 2 },
  "payload-bleed": { mutant: "payload/expires#until-the-next-push", check: "payload/expires#quiet", seed: 2 },
  "identity-adopted": { mutant: "reset/push-mismatch#never-remembered", check: "reset/push-mismatch", seed: 2 },
  "identity-missed": { mutant: "reset/clean-state#old-id", check: "reset/clean-state", seed: 2 },
  "identity-false": {
    mutant: "reset/never-false#unreadable-is-another-life",
    check: "reset/never-false#outage",
    seed: 1,
  },
  "cursor-skip": { mutant: "live/after-drop#reopens-too-far", check: "live/after-drop#stays-down", seed: 2 },
  gap: { mutant: "live/slow-consumer#last-sixteen-kept", check: "live/slow-consumer", seed: 1 },
  reordered: { mutant: "world#swaps", check: "pull/monotonic#world-three-pulls", seed: 1 },
  "stale-read": { mutant: "pull/read-your-writes#replica", check: "pull/read-your-writes#stale-replica", seed: 2 },
  "non-monotonic": { mutant: "world#shrinks", check: "pull/monotonic#world-three-pulls", seed: 1 },
  "live-join": {
    mutant: "live/after-drop#closed-cleanly+too-far",
    check: "live/after-drop#closed-cleanly",
    seed: 1,
  },
  "silent-live": { mutant: "meta/supports-honest#no-live", check: "meta/supports-honest", seed: 2 },
  "wrong-refusal": { mutant: "reject/typed#reason-in-latin-1", check: "reject/typed", seed: 2 },
  "untrue-head": {
    mutant: "push/stale-parent#head-as-last-pulled",
    check: "push/stale-parent#after-pulls",
    seed: 1,
  },
  "page-info-lie": { mutant: "push/sparse#counts-by-number", check: "push/sparse#pages", seed: 2 },
  "status-lie": { mutant: "conn/ping#every-second-from-memory", check: "conn/ping", seed: 1 },
  defect: { mutant: "args/invalid#dies", check: "args/invalid", seed: 1 },
  stuck: { mutant: "push/interrupted#large-ones-are-not", check: "push/interrupted#dead-link-large", seed: 2 },
  leak: { mutant: "live/interrupt#stays", check: "live/interrupt", seed: 2 },
  restless: { mutant: "conn/retry-budget#knocks-again", check: "conn/retry-budget#payload-rejected", seed: 2 },
  diverged: { mutant: "converge/writers#new-marks", check: "converge/writers", seed: 1 },
}
