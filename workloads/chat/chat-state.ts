import { Effect } from "effect"
import type { EventEncoded } from "../../contract/event.ts"
import type { Application } from "../sync-client/application.ts"
import { chatEventNames, type ChatArgs, type ChatEventName } from "./chat-events.ts"

/** One message of a room. */
export interface Message {
  readonly id: string
  readonly author: string
  readonly text: string
  readonly edits: number
  /** Who reacted, by emoji, in the order in which they did. */
  readonly reactions: Readonly<Record<string, ReadonlyArray<string>>>
}

export interface Room {
  readonly id: string
  readonly title: string
  readonly messages: ReadonlyArray<Message>
}

/** All rooms, in the order in which they were opened. */
export interface ChatState {
  readonly rooms: ReadonlyArray<Room>
}

const inRoom = (state: ChatState, roomId: string, change: (room: Room) => Room): ChatState => ({
  rooms: state.rooms.map((room) => (room.id === roomId ? change(room) : room)),
})

const onMessage = (
  state: ChatState,
  at: ChatArgs["message.edited"],
  change: (message: Message) => Message,
): ChatState =>
  inRoom(state, at.room, (room) => ({
    ...room,
    messages: room.messages.map((message) => (message.id === at.message ? change(message) : message)),
  }))

type Rules = { readonly [Name in ChatEventName]: (state: ChatState, args: ChatArgs[Name]) => ChatState }

/** What each event does. One about a room or a message that is not there does nothing; the order of the log decides. */
const rules: Rules = {
  "room.opened": (state, { room, title }) =>
    state.rooms.some(({ id }) => id === room) ? state : { rooms: [...state.rooms, { id: room, title, messages: [] }] },
  "room.renamed": (state, { room, title }) => inRoom(state, room, (before) => ({ ...before, title })),
  "message.posted": (state, { room, message, author, text }) =>
    inRoom(state, room, (before) => ({
      ...before,
      messages: [...before.messages, { id: message, author, text, edits: 0, reactions: {} }],
    })),
  "message.edited": (state, args) =>
    onMessage(state, args, (message) => ({ ...message, text: args.text, edits: message.edits + 1 })),
  "message.removed": (state, { room, message }) =>
    inRoom(state, room, (before) => ({ ...before, messages: before.messages.filter(({ id }) => id !== message) })),
  "reaction.toggled": (state, args) =>
    onMessage(state, { ...args, text: "" }, (message) => {
      const who = message.reactions[args.emoji] ?? []
      const after = who.includes(args.user) ? who.filter((user) => user !== args.user) : [...who, args.user]
      return { ...message, reactions: { ...message.reactions, [args.emoji]: after } }
    }),
}

const isChatEvent = (name: string): name is ChatEventName => chatEventNames.has(name)

const after = (state: ChatState, { name, args }: EventEncoded): ChatState =>
  isChatEvent(name) ? (rules[name] as (state: ChatState, args: unknown) => ChatState)(state, args) : state

/** The chat as an application: its state follows from the log alone. */
export const chat: Application<ChatState> = {
  initial: { rooms: [] },
  apply: (state, event) => Effect.sync(() => after(state, event)),
  show: (state) => JSON.stringify(state),
}
