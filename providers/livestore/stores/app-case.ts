import type { Chat, Observation } from "./chat-lab.ts"
import type { RunningBackend } from "./chat-backends.ts"

/** Something that happens to a chat, and what it shows: a finding, a planted bug, an old suspicion about LiveStore. */
export interface AppCase {
  readonly id: string
  /** The key of the provider that it runs over; "mock" with a planted bug where `mutant` names one. */
  readonly over: string
  /** The finding's demonstration. */
  readonly finding?: string
  readonly mutant?: string
  /** What LiveStore's own list of things to do suspects. */
  readonly suspicion?: string
  /** What happens, in one sentence. */
  readonly what: string
  /** Makes it happen. Without a result of its own the apps are looked at afterwards. */
  readonly run: (chat: Chat, backend: RunningBackend) => Promise<void | Observation>
}

/** What was observed of a case. */
export interface AppRecord {
  readonly id: string
  readonly over: string
  readonly finding?: string
  readonly mutant?: string
  readonly suspicion?: string
  readonly what: string
  /** What was noticed most often, with the apps' own words of one such run. */
  readonly observed: Observation
  /** How often each effect was noticed: "nothing" 1, "syncing stops silently" 2. */
  readonly runs: Readonly<Record<string, number>>
}
