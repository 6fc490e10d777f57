import { Effect } from "effect"
import { describe, expect, it } from "vitest"
import { stateBehind } from "../sync-client/application.ts"
import type { ChatArgs, ChatEventName } from "./chat-events.ts"
import { chat } from "./chat-state.ts"

type Said = { [Name in ChatEventName]: readonly [Name, ChatArgs[Name]] }[ChatEventName]

const after = (...said: ReadonlyArray<Said>) => {
  const events = said.map(([name, args], n) => ({
    seqNum: n + 1,
    parentSeqNum: n,
    name,
    args: { mark: `${n}`, ...args },
    clientId: "c",
    sessionId: "s",
  }))
  return Effect.runSync(stateBehind(chat, chat.initial, events))
}

const opened: Said = ["room.opened", { room: "r", title: "Lobby" }]
const posted: Said = ["message.posted", { room: "r", message: "m", author: "ada", text: "helo" }]

describe("the chat", () => {
  it("shows what was edited last, and counts the edits", () => {
    const { rooms } = after(
      opened,
      posted,
      ["message.edited", { room: "r", message: "m", text: "hello" }],
      ["message.edited", { room: "r", message: "m", text: "hello!" }],
    )
    expect(rooms[0]?.messages[0]).toMatchObject({ author: "ada", text: "hello!", edits: 2 })
  })

  it("takes a reaction back when the same person reacts again", () => {
    const by = (user: string): Said => ["reaction.toggled", { room: "r", message: "m", user, emoji: "👍" }]
    const { rooms } = after(opened, posted, by("bob"), by("cem"), by("bob"))
    expect(rooms[0]?.messages[0]?.reactions).toEqual({ "👍": ["cem"] })
  })

  it("lets the order of the log decide: what comes after a removal, or before its room, does nothing", () => {
    const { rooms } = after(
      posted,
      opened,
      posted,
      ["message.removed", { room: "r", message: "m" }],
      ["message.edited", { room: "r", message: "m", text: "too late" }],
    )
    expect(rooms).toEqual([{ id: "r", title: "Lobby", messages: [] }])
  })

  it("keeps the first of two rooms with one id, under its latest title", () => {
    const { rooms } = after(
      opened,
      ["room.opened", { room: "r", title: "Other" }],
      ["room.renamed", { room: "r", title: "Hall" }],
    )
    expect(rooms).toEqual([{ id: "r", title: "Hall", messages: [] }])
  })
})
