import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { SyncBackend } from "@livestore/common"
import type { LinkFault } from "../../../contract/fault.ts"
import type { Json } from "../../../contract/json.ts"
import { look, notice, type AppState, type Noticed } from "./app-effect.ts"
import { openChat, type ChatClient } from "./chat-client.ts"

/** A link as a lab uses it. */
export interface LabLink {
  readonly fault: (fault: LinkFault) => { readonly heal: () => void }
  readonly heal: () => void
}

/** What a chat runs over: LiveStore backends, each behind a link of its own where there can be one. */
export interface ChatBackend {
  readonly connect: (
    name: string,
    storeId: string,
  ) => Promise<{ readonly make: SyncBackend.SyncBackendConstructor; readonly link?: LabLink }>
}

/** A member of a chat and the link between the app and its backend. */
export interface Member extends ChatClient {
  /** Fails where the backend has no link. */
  readonly link: LabLink
}

/** A chat whose members are opened as they come. */
export interface Chat {
  readonly storeId: string
  readonly join: (name: string, options?: { readonly storeId?: string; readonly payload?: Json }) => Promise<Member>
  readonly members: ReadonlyArray<Member>
  /** Waits until all show everything and nothing waits; what is noticed then, or when the time is up. */
  readonly settle: (withinMs: number, last?: ReadonlySet<string>) => Promise<Noticed>
  readonly end: () => Promise<void>
}

/** Waits. */
export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

/** Opens a chat over a backend; its members share `chatStore` there. */
export const startChat = (backend: ChatBackend, chatStore: string): Chat => {
  const directory = mkdtempSync(join(tmpdir(), "gauntlet-chat-"))
  const members: Array<Member> = []
  return {
    storeId: chatStore,
    members,
    join: async (name, { storeId = chatStore, payload } = {}) => {
      const { make, link } = await backend.connect(name, storeId)
      const client = await openChat({ name, backend: make, directory, ...(payload !== undefined && { payload }) })
      const member = Object.assign(client, { link: link ?? noLink })
      members.push(member)
      return member
    },
    settle: async (withinMs, last = new Set()) => {
      const byMs = performance.now() + withinMs
      for (;;) {
        const apps = await look(members)
        const noticed = notice(apps, last)
        if ((noticed.effect === "nothing" && allShown(apps)) || performance.now() > byMs) return noticed
        await pause(50)
      }
    },
    end: async () => {
      await Promise.all(members.map((member) => member.close()))
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

const noLink: LabLink = {
  fault: () => {
    throw new Error("there is no link here")
  },
  heal: () => undefined,
}

const allShown = (apps: ReadonlyArray<AppState>): boolean => {
  const all = apps.flatMap(({ said }) => said)
  return apps.every(({ shown, pending }) => pending === 0 && shown.length >= all.length)
}

/** What an app's people notice at the end of a case, and whether it is mended by opening the apps again. */
export interface Observation extends Noticed {
  /** What is noticed once every app was closed and opened again. */
  readonly reopened: Noticed
}

/** Lets every member say one last thing and looks; then opens every app again, and looks once more. */
export const observe = async (chat: Chat, withinMs: number): Promise<Observation> => {
  const noticed = await lastWords(chat, withinMs)
  if (noticed.effect === "nothing") return { ...noticed, reopened: noticed }
  for (const member of chat.members) await member.restart()
  return { ...noticed, reopened: await lastWords(chat, withinMs) }
}

const lastWords = (chat: Chat, withinMs: number): Promise<Noticed> => {
  for (const member of chat.members) member.say()
  return chat.settle(withinMs, new Set(chat.members.flatMap(({ said }) => said.slice(-1))))
}
