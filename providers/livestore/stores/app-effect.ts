import type { ChatClient } from "./chat-client.ts"

/** What somebody notices who uses an app, the worst first. */
export const appEffects = [
  "the store ends",
  "own messages are lost",
  "clients show different things",
  "syncing stops silently",
  "own messages wait for ever",
  "nothing",
] as const
export type AppEffect = (typeof appEffects)[number]

/** What one app shows at a moment. */
export interface AppState {
  readonly name: string
  readonly said: ReadonlyArray<string>
  readonly shown: ReadonlyArray<string>
  /** Undefined when the store cannot tell any more. */
  readonly pending: number | undefined
  readonly broken: string | undefined
}

/** What a look at several apps came to. */
export interface Noticed {
  readonly effect: AppEffect
  /** One line about the apps that it happens in. */
  readonly detail: string
}

/** What each app shows now. */
export const look = (clients: ReadonlyArray<ChatClient>): Promise<ReadonlyArray<AppState>> =>
  Promise.all(
    clients.map(async (client) => {
      const pending = await client.pending()
      const shown = client.shown()
      return { name: client.name, said: [...client.said], shown, pending, broken: client.broken() }
    }),
  )

/**
 * What is wrong with apps that had time enough to tell each other everything. `last` are the messages that each said
 * last: who gets none of the others' is no longer synced, who gets them and lacks older ones shows something else.
 */
export const notice = (apps: ReadonlyArray<AppState>, last: ReadonlySet<string>): Noticed => {
  const found = apps.map((app) => ({ app, ...noticeOne(app, apps, last) }))
  const effect = appEffects.find((effect) => found.some((one) => one.effect === effect)) ?? "nothing"
  const lines = found.filter((one) => one.effect !== "nothing").map(({ app, detail }) => `${app.name} ${detail}`)
  const all = apps.reduce((sum, { said }) => sum + said.length, 0)
  return { effect, detail: lines.length === 0 ? `all show all ${all} messages` : lines.join("; ") }
}

const noticeOne = (app: AppState, apps: ReadonlyArray<AppState>, last: ReadonlySet<string>): Noticed => {
  const { name, said, shown, pending, broken } = app
  if (broken !== undefined) return { effect: "the store ends", detail: `ended: ${broken}` }
  const has = new Set(shown)
  const lost = said.filter((id) => !has.has(id)).length
  if (lost > 0) return { effect: "own messages are lost", detail: `lacks ${lost} of its own ${said.length} messages` }
  const theirs = apps.filter((other) => other.name !== name).flatMap(sent)
  const missing = theirs.filter((id) => !has.has(id))
  const probes = theirs.filter((id) => last.has(id))
  const waiting = pending === undefined || pending === 0 ? "" : `, ${pending} of its own wait`
  if (probes.length > 0 && probes.every((id) => !has.has(id))) {
    return { effect: "syncing stops silently", detail: `lacks ${missing.length} messages and the last${waiting}` }
  }
  if (missing.length > 0) {
    return { effect: "clients show different things", detail: `lacks ${missing.length} older messages${waiting}` }
  }
  if (waiting !== "") return { effect: "own messages wait for ever", detail: `has all messages${waiting}` }
  const all = new Set(apps.flatMap(({ said }) => said))
  const foreign = shown.filter((id) => !all.has(id)).length
  if (foreign > 0) {
    return { effect: "clients show different things", detail: `shows ${foreign} messages that nobody here said` }
  }
  return { effect: "nothing", detail: "" }
}

/** What an app said and its backend took: the rest is that app's trouble, not that of those who lack it. */
const sent = ({ said, pending = 0 }: AppState): ReadonlyArray<string> => said.slice(0, said.length - pending)
