import { Effect } from "effect"
import type { Check } from "../harness/check.ts"
import { stateBehind } from "../workloads/sync-client/application.ts"
import { makeSyncClient } from "../workloads/sync-client/sync-client.ts"
import { chat } from "../workloads/chat/chat-state.ts"
import { chatUser } from "../workloads/chat/chat-user.ts"
import { expectConverged, healthyMs, recoveringMs, settle } from "./support/converge.ts"

export const convergeChatChecks: ReadonlyArray<Check> = [
  {
    id: "converge/writers#chat",
    clause: "converge/writers",
    cost: "quick",
    isolation: "store",
    needs: ["endpoint"],
    premises: ["people write, edit and react"],
    run: (arena) =>
      Effect.gen(function* () {
        const users = ["ada", "bob", "cem"].map((id, n) =>
          makeSyncClient(arena, id, { application: chat, sessions: n === 0 ? ["phone", "laptop"] : ["main"] }),
        )
        for (const user of users) yield* user.start
        yield* arena.together(users.map((user) => chatUser(arena, user, 5)))
        yield* settle(arena, users, healthyMs(arena))
        // Two of them go on without a connection, on what they saw last.
        const away = users.slice(0, 2)
        for (const user of away) {
          yield* user.link().fault({ kind: "refuse" })
          yield* user.link().fault({ kind: "reset" })
        }
        yield* arena.together(users.map((user) => chatUser(arena, user, 7, 5)))
        for (const user of away) yield* user.link().heal
        yield* expectConverged(arena, users, recoveringMs(arena), "in a chat")
        const log = users[0]!.disk().log
        const replayed = chat.show(yield* stateBehind(chat, chat.initial, log))
        for (const user of users) {
          const state = chat.show(user.disk().state)
          yield* arena.expect(
            state === replayed,
            "diverged",
            `${user.id}'s rooms are not what the log says: ${state.slice(0, 80)}… instead of ${replayed.slice(0, 80)}…`,
          )
        }
        const { rooms } = users[0]!.disk().state
        const messages = rooms.flatMap((room) => room.messages)
        const reactions = messages.flatMap((message) => Object.values(message.reactions).flat())
        yield* arena.premise(messages.length > 0 && log.length >= 36, "nobody wrote anything")
        yield* arena.note(`chat: ${rooms.length} rooms, ${messages.length} messages, ${reactions.length} reactions`)
      }),
  },
]
