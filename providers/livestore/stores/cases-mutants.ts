import type { AppCase } from "./app-case.ts"
import { pause, type Chat } from "./chat-lab.ts"
import type { RunningBackend } from "./chat-backends.ts"
import { aDay } from "./day.ts"

const settleMs = 6_000

const day = {
  what: "a day: two talk, at once and a lot; one is offline for a while and opens its app again; a third joins",
  run: (chat: Chat): Promise<void> => aDay(chat, settleMs),
}

const wipe = {
  what: "the backend is wiped while both apps are open",
  run: async (chat: Chat, { host }: RunningBackend): Promise<void> => {
    for (const name of ["a", "b"]) (await chat.join(name)).say()
    await chat.settle(settleMs)
    await host?.run(({ storage }) => storage!.wipe!(chat.storeId))
    await pause(2_000)
  },
}

const sleep = {
  what: "the backend's object is evicted twice while two talk",
  run: async (chat: Chat, { host }: RunningBackend): Promise<void> => {
    for (const name of ["a", "b"]) (await chat.join(name)).say()
    for (const sockets of ["hibernate", "close"] as const) {
      await chat.settle(settleMs)
      await host?.run(({ process }) => process!.evict!(chat.storeId, sockets))
      for (const member of chat.members) member.say()
    }
    await chat.settle(settleMs)
  },
}

const planted = (mutant: string, { what, run }: Pick<AppCase, "what" | "run"> = day): AppCase => ({
  id: `mutant ${mutant}`,
  over: "mock",
  mutant,
  what,
  run,
})

/** The reference mock itself, on which nothing is noticed; then planted bugs, what they do to an app. */
export const mutantCases: ReadonlyArray<AppCase> = [
  { id: "healthy-day", over: "mock", ...day },
  { id: "healthy-sleep", over: "mock", ...sleep },
  { id: "healthy-wipe", over: "mock", ...wipe },
  planted("push/sequential#forgets-second"),
  planted("push/sequential#turned-round"),
  planted("push/one#altered"),
  planted("push/stale-parent#accepts"),
  planted("push/stale-parent#untrue-head"),
  planted("push/no-false-ahead#ghost-reservation"),
  planted("push/sparse#dense-only"),
  planted("push/empty#refused"),
  planted("push/retry#stores-again"),
  planted("push/definite-when-healthy#nameless"),
  planted("push/ahead-then-pull#unpublished"),
  planted("push/durable#writes-behind"),
  planted("push/settles-under-fault#pretends"),
  planted("pull/empty#nothing"),
  planted("pull/all#page-border"),
  planted("pull/suffix#ignores-bare"),
  planted("pull/suffix#new-process"),
  planted("pull/suffix#digits"),
  planted("pull/page-info#early"),
  planted("pull/page-info#off-by-one"),
  planted("pull/read-your-writes#replica"),
  planted("pull/transient-is-offline#refused-is-unknown"),
  planted("race/same-parent#no-lock"),
  planted("race/rebase-all-land#forgets-rebased"),
  planted("race/rebase-all-land#never-again"),
  planted("race/pull-during-push#skips-at-page"),
  planted("live/history-then-stay#skips-first"),
  planted("live/never-completes#ends"),
  planted("live/no-more-promptly#never"),
  planted("live/others#forgets-third"),
  planted("live/join-under-writes#overlap"),
  planted("live/after-drop#reopens-too-far"),
  planted("live/latency#lost-wake-up"),
  planted("conn/loss-detected#stays-true"),
  planted("conn/recovers#never-again"),
  planted("conn/status-honest#false-after-refusal"),
  planted("live/after-restart#memory-only", sleep),
  planted("life/evict#registry-in-memory", sleep),
  planted("life/evict#wakes-empty", sleep),
  planted("life/evict#unwritten", sleep),
  planted("reset/id-stable#made-on-wake", sleep),
  planted("reset/pull-mismatch#never-notices", wipe),
  planted("reset/push-mismatch#on-pulls-alone", wipe),
  planted("reset/live-mismatch#adopts", wipe),
]
