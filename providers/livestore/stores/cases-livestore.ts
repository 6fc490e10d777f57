import type { LinkFault } from "../../../contract/fault.ts"
import type { AppCase } from "./app-case.ts"
import { pause, type Chat, type Member } from "./chat-lab.ts"

/*
 * Findings in LiveStore's published providers, as its real stores meet them. Each case does what the finding's
 * demonstration does, by means that an app and its network have.
 */

const settleMs = 10_000

/** Two members who have heard of each other. */
const two = async (chat: Chat): Promise<readonly [Member, Member]> => {
  const [a, b] = [await chat.join("a"), await chat.join("b")]
  a.say()
  b.say()
  await chat.settle(settleMs)
  return [a, b]
}

/** A fault on one link for a while. */
const during = async (member: Member, faults: ReadonlyArray<LinkFault>, work: () => Promise<void>): Promise<void> => {
  for (const fault of faults) member.link.fault(fault)
  await work()
  member.link.heal()
}

const offline: ReadonlyArray<LinkFault> = [{ kind: "refuse" }, { kind: "reset" }]
const silent: ReadonlyArray<LinkFault> = [{ kind: "half-open", direction: "both" }]

/** b cannot be reached for a while, and a talks meanwhile. */
const withoutB =
  (faults: ReadonlyArray<LinkFault>, awayMs: number) =>
  async (chat: Chat): Promise<void> => {
    const [a, b] = await two(chat)
    await during(b, faults, async () => {
      a.say()
      await pause(awayMs)
    })
    await pause(5_000)
  }

/** One answer to a push is treated by a fault while both talk. */
const answerOfAPush =
  (fault: (match: { readonly operation: "push"; readonly role: "answer"; readonly direction: "down" }) => LinkFault) =>
  async (chat: Chat): Promise<void> => {
    const [a, b] = await two(chat)
    await during(a, [fault({ operation: "push", role: "answer", direction: "down" })], async () => {
      a.say()
      await pause(1_500)
      b.say()
      await pause(1_500)
    })
  }

const ws: ReadonlyArray<AppCase> = [
  {
    id: "ws-joins-while-others-talk",
    over: "livestore-cf-ws-do",
    finding: "live-join-delivers-out-of-order",
    what: "b opens its app while a says forty messages one by one",
    run: async (chat) => {
      const a = await chat.join("a")
      const joining = pause(150).then(() => chat.join("b"))
      for (let n = 0; n < 40; n += 1) {
        a.say()
        await pause(20)
      }
      await joining
    },
  },
  {
    id: "ws-statement-fails",
    over: "livestore-cf-ws-do",
    finding: "failed-statement-wedges-the-store",
    what: "the second statement of a push of twenty messages fails once",
    run: async (chat, { host }) => {
      const [a] = await two(chat)
      await host?.run(({ storage }) => storage!.failWrite!(chat.storeId, 2))
      a.say({ count: 20 })
      await pause(1_000)
    },
  },
  {
    id: "ws-slow-hook",
    over: "livestore-cf-ws-do",
    finding: "slow-hook-forks-the-log",
    what: "four say something at once, and the backend's push hook takes 50 ms",
    run: async (chat) => {
      for (const name of ["a", "b", "c", "d"]) (await chat.join(name)).say()
      await chat.settle(settleMs)
      for (const member of chat.members) member.say({ slowMs: 50 })
    },
  },
  {
    id: "ws-restored-backup",
    over: "livestore-cf-ws-do",
    finding: "cursor-past-the-head-is-not-noticed",
    what: "the backend is restored to a backup that lacks the last three messages",
    run: async (chat, { host }) => {
      const [a] = await two(chat)
      const restore = await host!.run(({ storage }) => storage!.snapshot!(chat.storeId))
      for (let n = 0; n < 3; n += 1) a.say()
      await chat.settle(settleMs)
      await host?.run(() => restore)
      await pause(3_000)
    },
  },
  {
    id: "ws-wiped",
    over: "livestore-cf-ws-do",
    finding: "new-life-is-adopted",
    what: "the backend is wiped while both apps are open",
    run: async (chat, { host }) => {
      await two(chat)
      await host?.run(({ storage }) => storage!.wipe!(chat.storeId))
      await pause(3_000)
    },
  },
  {
    id: "ws-poison-message",
    over: "livestore-cf-ws-do",
    finding: "poison-event-blocks-every-pull",
    what: "a says one message that is just under the limit, and c opens its app afterwards",
    run: async (chat) => {
      const [a] = await two(chat)
      // The size of the demonstration's event, less what this one has around its text.
      const args = { id: "a2", room: "lobby", text: "" }
      const around = { seqNum: 4, parentSeqNum: 3, name: "chat.Said", args, clientId: "a", sessionId: "static" }
      a.say({ sizeBytes: 899_830 - JSON.stringify(around).length })
      await pause(2_000)
      await chat.join("c")
    },
  },
  {
    id: "ws-silent-link",
    over: "livestore-cf-ws-do",
    finding: "half-open-leaves-live-pull-silent",
    what: "b's network swallows everything for 12 s, without a word",
    run: withoutB(silent, 12_000),
  },
  {
    id: "ws-lost-answer",
    over: "livestore-cf-ws-do",
    finding: "lost-frames-are-waited-for",
    what: "the answer to one push of a's is lost",
    run: answerOfAPush((match) => ({ kind: "drop", match })),
  },
  {
    id: "ws-stripped-answer",
    over: "livestore-cf-ws-do",
    finding: "stripped-answer-is-waited-for",
    what: "the answer to one push of a's loses all of its members but one",
    run: answerOfAPush((match) => ({ kind: "strip", match, members: 1 })),
  },
  {
    id: "ws-garbage-answer",
    over: "livestore-cf-ws-do",
    finding: "garbage-ends-a-pull-for-good",
    what: "a proxy puts a page of HTML in place of the answer to one push of a's",
    run: answerOfAPush((match) => ({ kind: "garbage", match, body: "<html>bad gateway</html>" })),
  },
  {
    id: "ws-cut-push",
    over: "livestore-cf-ws-do",
    finding: "cut-push-is-unknown",
    what: "the connection breaks in the middle of a push of a's",
    run: answerOfAPush((match) => ({ kind: "truncate", match })),
  },
  {
    id: "ws-offline-writer",
    over: "livestore-cf-ws-do",
    finding: "connect-and-ping-succeed-offline",
    what: "b is offline for 4 s, and both talk meanwhile",
    run: async (chat) => {
      const [a, b] = await two(chat)
      await during(b, offline, async () => {
        a.say({ count: 3 })
        b.say({ count: 3 })
        await pause(4_000)
      })
      await pause(8_000)
    },
  },
  {
    id: "ws-flaky-link",
    over: "livestore-cf-ws-do",
    finding: "recovery-decays",
    what: "b's connection breaks five times, each time after a second of health",
    run: async (chat) => {
      const [, b] = await two(chat)
      for (let n = 0; n < 5; n += 1) {
        b.link.fault({ kind: "reset" })
        await pause(1_000)
      }
    },
  },
  {
    id: "ws-rejected-payload",
    over: "livestore-cf-ws-do",
    finding: "rejected-payload-hangs",
    what: "b opens its app with a payload that the backend refuses",
    run: async (chat) => {
      ;(await chat.join("a")).say()
      await chat.join("b", { payload: { token: "reject" } })
    },
  },
  {
    id: "ws-large-batch",
    over: "livestore-cf-ws-do",
    finding: "large-batch-is-not-atomic",
    what: "a says fifty messages of 40 kB in one commit while b talks",
    run: async (chat) => {
      const [a, b] = await two(chat)
      a.say({ count: 50, sizeBytes: 40_000 })
      for (let n = 0; n < 10; n += 1) {
        b.say()
        await pause(30)
      }
    },
  },
]

const d1: ReadonlyArray<AppCase> = [
  {
    id: "d1-similar-names",
    over: "livestore-cf-ws-d1",
    finding: "d1-stores-share-a-table",
    what: "a is in a store, and b in another one whose name differs in one sign",
    run: async (chat) => {
      const a = await chat.join("a", { storeId: `${chat.storeId}.x` })
      a.say()
      await pause(1_000)
      const b = await chat.join("b", { storeId: `${chat.storeId}-x` })
      await pause(2_000)
      const foreign = b.shown().filter((id) => a.said.includes(id)).length
      const seen =
        foreign === 0
          ? ({ effect: "nothing", detail: "b shows nothing of a's" } as const)
          : ({
              effect: "clients show different things",
              detail: `b shows ${foreign} message of another store`,
            } as const)
      return { ...seen, reopened: seen }
    },
  },
  {
    id: "d1-statement-fails",
    over: "livestore-cf-ws-d1",
    finding: "d1-batch-is-stored-in-part",
    what: "the second statement of a push of twenty messages fails once",
    run: async (chat, { host }) => {
      const [a] = await two(chat)
      await host?.run(({ storage }) => storage!.failWrite!(chat.storeId, 2))
      a.say({ count: 20 })
      await pause(1_000)
    },
  },
]

const http: ReadonlyArray<AppCase> = [
  {
    id: "http-offline",
    over: "livestore-cf-http-do",
    finding: "http-errors-are-never-offline",
    what: "b is offline for 4 s, and a talks meanwhile",
    run: withoutB(offline, 4_000),
  },
  {
    id: "http-race",
    over: "livestore-cf-http-do",
    finding: "http-race-meets-the-table",
    what: "a and b say ten messages each at the same time, one by one",
    run: async (chat) => {
      const [a, b] = await two(chat)
      for (let n = 0; n < 10; n += 1) {
        a.say()
        b.say()
        await pause(150)
      }
    },
  },
  {
    id: "http-silent-link",
    over: "livestore-cf-http-do",
    finding: "http-requests-wait-without-end",
    what: "b's network swallows everything for 6 s, without a word",
    run: async (chat) => {
      const [a, b] = await two(chat)
      await during(b, silent, async () => {
        a.say()
        await pause(6_000)
      })
    },
  },
  {
    id: "http-odd-answer",
    over: "livestore-cf-http-do",
    finding: "http-answer-that-is-no-array-dies",
    what: "a proxy answers one request of b's with JSON of its own",
    run: async (chat) => {
      const [a, b] = await two(chat)
      const answer = { status: 200, headers: { "content-type": "application/json" }, body: '{"error":"busy"}' }
      await during(b, [{ kind: "http-answer", ...answer }], async () => {
        a.say()
        await pause(2_500)
      })
    },
  },
]

const mock: ReadonlyArray<AppCase> = [
  {
    id: "mock-second-client",
    over: "livestore-mock",
    finding: "mock-live-pull-has-no-history",
    what: "a says three messages, and b opens its app afterwards",
    run: async (chat) => {
      const a = await chat.join("a")
      a.say({ count: 3 })
      await pause(500)
      await chat.join("b")
    },
  },
]

/** Every finding that was tried with real stores. */
export const livestoreCases: ReadonlyArray<AppCase> = [...ws, ...d1, ...http, ...mock]
