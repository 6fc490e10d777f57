/** What each event of the chat carries beside its mark. Ids are made by the client that commits it. */
export interface ChatArgs {
  readonly "room.opened": { readonly room: string; readonly title: string }
  readonly "room.renamed": { readonly room: string; readonly title: string }
  readonly "message.posted": {
    readonly room: string
    readonly message: string
    readonly author: string
    readonly text: string
  }
  readonly "message.edited": { readonly room: string; readonly message: string; readonly text: string }
  readonly "message.removed": { readonly room: string; readonly message: string }
  readonly "reaction.toggled": {
    readonly room: string
    readonly message: string
    readonly user: string
    readonly emoji: string
  }
}
export type ChatEventName = keyof ChatArgs

/** The names of the chat's events. */
export const chatEventNames: ReadonlySet<string> = new Set([
  "room.opened",
  "room.renamed",
  "message.posted",
  "message.edited",
  "message.removed",
  "reaction.toggled",
] satisfies ReadonlyArray<ChatEventName>)
