import { Events, makeSchema, Schema, State } from "@livestore/livestore"

const tables = {
  rooms: State.SQLite.table({ name: "rooms", columns: { id: State.SQLite.text({ primaryKey: true }) } }),
  messages: State.SQLite.table({
    name: "messages",
    columns: {
      id: State.SQLite.text({ primaryKey: true }),
      room: State.SQLite.text(),
      text: State.SQLite.text(),
    },
  }),
}

const message = Schema.Struct({ id: Schema.String, room: Schema.String, text: Schema.String })

/** What happens in a chat. `slow` is a message whose push hook takes `ms`; */
export const chatEvents = {
  roomOpened: Events.synced({ name: "chat.RoomOpened", schema: Schema.Struct({ id: Schema.String }) }),
  said: Events.synced({ name: "chat.Said", schema: message }),
  slow: Events.synced({
    name: "gauntlet.slow",
    schema: Schema.Struct({ ...message.fields, ms: Schema.Number }),
  }),
}

const materializers = State.SQLite.materializers(chatEvents, {
  "chat.RoomOpened": ({ id }) => tables.rooms.insert({ id }).onConflict("id", "ignore"),
  "chat.Said": ({ id, room, text }) => tables.messages.insert({ id, room, text }),
  "gauntlet.slow": ({ id, room, text }) => tables.messages.insert({ id, room, text }),
})

/** A small chat: rooms, and messages that know their room. */
export const chatSchema = makeSchema({ events: chatEvents, state: State.SQLite.makeState({ tables, materializers }) })
