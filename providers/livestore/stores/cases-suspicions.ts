import type { AppCase } from "./app-case.ts"
import { observe, pause, type Chat, type Member } from "./chat-lab.ts"

/*
 * Old entries of LiveStore's own list of things to do, tried over the reference mock: a healthy backend, so that
 * whatever shows is the store's own.
 */

const settleMs = 8_000

const pair = async (chat: Chat): Promise<readonly [Member, Member]> => {
  const [a, b] = [await chat.join("a"), await chat.join("b")]
  a.say()
  b.say()
  await chat.settle(settleMs)
  return [a, b]
}

/** Both talk as fast as they can, over links that take a while. */
const bothTalk = async (chat: Chat, rounds: number, delayMs: number): Promise<void> => {
  const [a, b] = await pair(chat)
  for (const { link } of [a, b]) link.fault({ kind: "delay", ms: delayMs, jitterMs: 20, direction: "both" })
  for (let n = 0; n < rounds; n += 1) {
    a.say()
    b.say()
    await pause(10)
  }
  for (const { link } of [a, b]) link.heal()
}

export const suspicionCases: ReadonlyArray<AppCase> = [
  {
    id: "boot-head",
    over: "mock",
    suspicion: "The backend's head is past the local head when the store boots",
    what: "b opens its app and closes it while it takes in a long log, eight times, a little later each time",
    run: async (chat) => {
      const a = await chat.join("a")
      for (let n = 0; n < 8; n += 1) a.say({ count: 100 })
      await chat.settle(settleMs)
      const b = await chat.join("b")
      for (let n = 0; n < 8 && b.broken() === undefined; n += 1) {
        await b.restart()
        await pause(n * 15)
      }
    },
  },
  {
    id: "rebase-loop",
    over: "mock",
    suspicion: "Clients rebase without end",
    what: "a and b say sixty messages each at the same time, over links of 60 ms",
    run: (chat) => bothTalk(chat, 60, 60),
  },
  {
    id: "session-not-pushing",
    over: "mock",
    suspicion: "A session does not push to its leader",
    what: "a commits in each turn of the event loop while b's messages make its leader rebase",
    run: async (chat) => {
      const [a, b] = await pair(chat)
      for (let n = 0; n < 30; n += 1) {
        b.say()
        for (let m = 0; m < 5; m += 1) {
          a.say()
          await new Promise((resolve) => setImmediate(resolve))
        }
      }
    },
  },
  {
    id: "pull-error",
    over: "mock+failing-pull",
    suspicion: "The store is stuck after an error in the pull stream",
    what: "a's live pull fails once with an unknown error; the next one would be healthy",
    run: async (chat, { arm }) => {
      const [, b] = await pair(chat)
      arm?.()
      b.say()
      await pause(1_000)
    },
  },
  {
    id: "leader-not-pushing",
    over: "mock+false-ahead",
    suspicion: "A leader does not push to its backend",
    what: "one push of a's is told ServerAhead, and nothing comes to pull",
    run: async (chat, { arm }) => {
      const [a] = await pair(chat)
      arm?.()
      a.say()
      // Only a last word of b's would be news that a goes on with: b says none.
      const noticed = await chat.settle(settleMs)
      return { ...noticed, reopened: noticed.effect === "nothing" ? noticed : await observe(chat, settleMs) }
    },
  },
  {
    id: "several-stores",
    over: "mock",
    suspicion: "Several stores in one client object disturb each other",
    what: "one process holds two stores of two chats; one of them is closed and opened again, both go on",
    run: async (chat) => {
      const elsewhere = await chat.join("x", { storeId: `${chat.storeId}-other` })
      const [a] = await pair(chat)
      for (let n = 0; n < 5; n += 1) {
        elsewhere.say()
        a.say()
        await pause(20)
      }
      await elsewhere.restart()
      const before = [elsewhere.shown().length, elsewhere.broken()]
      await elsewhere.close()
      const rest = chat.members as Array<Member>
      rest.splice(rest.indexOf(elsewhere), 1)
      if (before[0] !== 5 || before[1] !== undefined) {
        const seen = { effect: "own messages are lost", detail: `the other store shows ${before.join(" ")}` } as const
        return { ...seen, reopened: seen }
      }
    },
  },
]
