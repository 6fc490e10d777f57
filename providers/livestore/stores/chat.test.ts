import { describe, expect, it } from "vitest"
import { mock } from "../../mock/provider.ts"
import { overMeddled, overProvider, type RunningBackend } from "./chat-backends.ts"
import { startChat, type Chat } from "./chat-lab.ts"

/** What never comes about is given up after this long; nothing waits for it that comes about. */
const patienceMs = 60_000

/** The mock's own deadlines are those of a world in which nothing takes time. */
const slowly = { patience: 20 }

const chatting = async (backend: RunningBackend, talk: (chat: Chat) => Promise<void>): Promise<void> => {
  const chat = startChat(backend, "chat")
  try {
    await talk(chat)
  } finally {
    await chat.end()
    await backend.stop()
  }
}

describe("real LiveStore stores over a provider of this project", () => {
  it("show each other's messages, also after one was closed and opened again", async () => {
    await chatting(await overProvider(mock, slowly), async (chat) => {
      const [a, b] = [await chat.join("a"), await chat.join("b")]
      a.say({ count: 3 })
      b.say({ count: 2 })
      expect(await chat.settle(patienceMs)).toEqual({ effect: "nothing", detail: "all show all 5 messages" })
      await b.restart()
      expect(b.shown().length).toBe(5)
      b.say()
      expect((await chat.settle(patienceMs)).effect).toBe("nothing")
    })
  })

  it("keep a push back that was told ServerAhead without news, until there are news", async () => {
    const backend = await overMeddled(mock, "false-ahead", slowly)
    await chatting(backend, async (chat) => {
      const [a, b] = [await chat.join("a"), await chat.join("b")]
      a.say()
      b.say()
      expect((await chat.settle(patienceMs)).effect).toBe("nothing")
      backend.arm?.()
      a.say()
      expect(await chat.settle(1_500)).toEqual({
        effect: "own messages wait for ever",
        detail: "a has all messages, 1 of its own wait",
      })
      b.say()
      expect((await chat.settle(patienceMs)).effect).toBe("nothing")
    })
  })
})
