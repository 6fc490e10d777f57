import type { Chat } from "./chat-lab.ts"

/**
 * A day in a chat: two talk, both at once and a lot; one goes offline while both go on; it comes back, closes its app
 * and opens it again; a third joins. On a healthy backend all show everything at the end.
 */
export const aDay = async (chat: Chat, patienceMs: number): Promise<void> => {
  const a = await chat.join("a")
  const b = await chat.join("b")
  a.say()
  b.say()
  await chat.settle(patienceMs)
  a.say({ count: 12 })
  b.say({ count: 3 })
  a.say()
  await chat.settle(patienceMs)
  const offline = [b.link.fault({ kind: "refuse" }), b.link.fault({ kind: "reset" })]
  b.say({ count: 2 })
  a.say({ count: 2 })
  await chat.settle(300)
  for (const fault of offline) fault.heal()
  await chat.settle(patienceMs)
  await b.restart()
  b.say()
  await chat.join("c")
  await chat.settle(patienceMs)
}
