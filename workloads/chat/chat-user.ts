import { Effect } from "effect"
import type { Arena } from "../../harness/arena.ts"
import type { SyncClient } from "../sync-client/sync-client.ts"
import type { ChatArgs, ChatEventName } from "./chat-events.ts"
import type { ChatState, Message, Room } from "./chat-state.ts"

const emojis = ["👍", "🎉", "❤️"] as const
const words = ["hello", "naïve", "γειά", "再见", "ok 👌", "<b>", "\u2028"] as const

/** What a user did, with what it needs to say. */
interface Act {
  readonly name: ChatEventName
  readonly args: ChatArgs[ChatEventName]
}

const act = <Name extends ChatEventName>(name: Name, args: ChatArgs[Name]): Act => ({ name, args })

/** Picks one by a keyed draw; undefined of nothing. */
const pick = <A>(arena: Arena, key: string, all: ReadonlyArray<A>): A | undefined => all[arena.draw(key, all.length)]

/** What a user does to a room that it sees, often to messages of others. */
const inRoom = (arena: Arena, key: string, user: string, room: Room): Act => {
  const message: Message | undefined = pick(arena, `${key} message`, room.messages)
  const text = `${pick(arena, `${key} word`, words)} ${key}`
  const kind = arena.draw(`${key} kind`, 10)
  if (message === undefined || kind < 4) {
    return act("message.posted", { room: room.id, message: `message of ${key}`, author: user, text })
  }
  const at = { room: room.id, message: message.id }
  if (kind < 6) return act("message.edited", { ...at, text })
  if (kind < 9) {
    return act("reaction.toggled", { ...at, user, emoji: pick(arena, `${key} emoji`, emojis) ?? emojis[0] })
  }
  return arena.draw(`${key} last`, 2) === 0
    ? act("message.removed", at)
    : act("room.renamed", { room: room.id, title: text })
}

/** The `nth` thing that a user does, from what it sees: its own pending events count. */
const nextAct = (arena: Arena, user: string, nth: number, { rooms }: ChatState): Act => {
  const key = `${user} ${nth}`
  const room = pick(arena, `${key} room`, rooms)
  return room === undefined || arena.draw(`${key} opens`, 12) === 0
    ? act("room.opened", { room: `room of ${key}`, title: `room ${nth} of ${user}` })
    : inRoom(arena, key, user, room)
}

/**
 * A user at work: so many acts, numbered on from `from`, each from what is to be seen at that moment, with short pauses
 * in between. Every act is one event.
 */
export const chatUser = (
  arena: Arena,
  client: SyncClient<ChatState>,
  acts: number,
  from: number = 0,
): Effect.Effect<void> =>
  Effect.gen(function* () {
    const { sessions } = client
    for (let nth = from; nth < from + acts; nth++) {
      const { name, args } = nextAct(arena, client.id, nth, yield* client.view)
      const session = sessions()[nth % sessions().length]!.id.slice(client.id.length + 1)
      client.commit(1, { name, args: { ...args }, session })
      yield* Effect.sleep(1 + arena.draw(`pause ${client.id} ${nth}`, 15))
    }
  })
