import type { SwitchableFault } from "../../harness/without-fault.ts"
import type { Proof } from "./anomaly-proofs.ts"

/**
 * For each fault a planted bug that shows under it alone: with the fault a check convicts it, and with the fault
 * switched off the same check under the same seed passes. Without these a fault could stand and change nothing.
 */
export const faultProofs: Readonly<Record<SwitchableFault, Proof>> = {
  refuse: { mutant: "pull/offline-paced#no-back-off", check: "pull/offline-paced", seed: 1 },
  reset: { mutant: "conn/recovers#never-again", check: "conn/recovers", seed: 1 },
  "half-open": { mutant: "push/interrupted#unstoppable-dead-link", check: "push/interrupted#dead-link", seed: 1 },
  delay: { mutant: "world#impatient-delay", check: "push/definite-when-healthy#world-delay", seed: 1 },
  throttle: { mutant: "world#impatient-throttle", check: "push/definite-when-healthy#world-throttle", seed: 1 },
  split: { mutant: "world#chunk-is-frame", check: "push/definite-when-healthy#world-split", seed: 1 },
  coalesce: { mutant: "world#first-of-chunk", check: "push/definite-when-healthy#world-coalesce", seed: 1 },
  "cut-after": { mutant: "pull/cut+ends", check: "pull/cut", seed: 1 },
  drop: { mutant: "push/lost-ack#sends-again", check: "push/lost-ack", seed: 1 },
  duplicate: { mutant: "world#doubled-answer", check: "race/same-parent#world-doubled-answer", seed: 3 },
  hold: { mutant: "push/interrupted#first-answer-wins", check: "push/interrupted#late-answer", seed: 1 },
  truncate: { mutant: "conn/garbage#half-frame-kept", check: "conn/garbage#half-frame", seed: 1 },
  garbage: { mutant: "conn/garbage#empty-log", check: "conn/garbage", seed: 1 },
  strip: { mutant: "conn/garbage#missing-members-have-defaults", check: "conn/garbage#stripped", seed: 1 },
  close: { mutant: "pull/cut#closed-cleanly+ends", check: "pull/cut#closed-cleanly", seed: 1 },
  "http-answer": { mutant: "conn/recovers#never-again", check: "conn/recovers#world-http-answer", seed: 1 },
  kill: { mutant: "push/atomic#killed-between", check: "push/atomic#kill", seed: 1 },
  restart: { mutant: "race/cold#two-contexts-restarted", check: "race/cold#restarted", seed: 1 },
  pause: { mutant: "conn/recovers#never-again", check: "conn/recovers#world-pause", seed: 1 },
  evict: { mutant: "race/cold#two-contexts-evicted", check: "race/cold#evicted", seed: 1 },
  deploy: { mutant: "reset/id-stable#made-by-version", check: "reset/id-stable#deploy", seed: 1 },
  wipe: { mutant: "reset/never-false#wiped-with-another", check: "reset/never-false#other-store", seed: 1 },
  wipeBeneath: { mutant: "reset/wipe-under-running#from-memory", check: "reset/wipe-under-running", seed: 1 },
  snapshot: { mutant: "reset/fresh-client#head-kept", check: "reset/older-snapshot#world-fresh-client", seed: 1 },
  outage: {
    mutant: "pull/transient-is-offline#storage-is-unknown",
    check: "pull/transient-is-offline#storage",
    seed: 1,
  },
  failWrite: { mutant: "push/atomic#reservation-stays", check: "push/atomic#world-failed-write", seed: 1 },
  slow: { mutant: "race/same-parent#no-lock", check: "race/same-parent#slow-storage", seed: 4 },
  full: { mutant: "life/storage-outage#acknowledged", check: "life/storage-outage#full", seed: 1 },
  unsynced: { mutant: "push/durable#never-synced", check: "push/durable#unsynced", seed: 1 },
  "stale-replica": {
    mutant: "pull/read-your-writes#trusts-replica",
    check: "pull/read-your-writes#stale-replica",
    seed: 1,
  },
  "two-instances": { mutant: "race/same-parent#no-fence", check: "race/same-parent#two-instances", seed: 1 },
  "clock-jump": { mutant: "conn/loss-detected#wall-clock", check: "conn/loss-detected#clock-jump", seed: 1 },
  crash: { mutant: "live/interrupt#ghost", check: "live/interrupt#dead-link", seed: 1 },
  interrupt: { mutant: "push/interrupted#keeps-turn", check: "push/interrupted", seed: 2 },
  "slow-reader": {
    mutant: "pull/read-your-writes#joins-a-running-pull",
    check: "pull/read-your-writes#beside-a-running-pull",
    seed: 1,
  },
  lost: { mutant: "reset/never-false#remembers-clients", check: "reset/never-false", seed: 1 },
  "old-cursor": { mutant: "reset/pull-mismatch#cursor-without-metadata", check: "reset/pull-mismatch", seed: 1 },
}
