import { chain, demonstrate, fill, never, pause } from "./lab.ts"

// History and live must join without loss, repetition or disorder (live/join-under-writes, pull/page-info). Pushed
// events are sent between the pages of the history, and those that the history has not reached come again with it.
await demonstrate("A live pull that begins while another client pushes", async ({ open, read, say }) => {
  const writer = await open("store")
  await fill(writer, 2_000)
  const reader = await open("store")
  await reader.connect(never)
  const live = read(reader, { live: true })
  for (let parent = 2_000; parent < 2_010; parent += 1) await writer.push(chain(parent, 1), never)
  await live.until(() => live.seqNums().filter((seqNum) => seqNum > 2_000).length >= 10, 5_000)
  await pause(500)
  const seqNums = live.seqNums()
  const wrong = seqNums.findIndex((seqNum, at) => seqNum !== at + 1)
  say(`${seqNums.length} events delivered of 2010, ${new Set(seqNums).size} different ones`)
  if (wrong !== -1) say(`out of order first: ${seqNums.slice(Math.max(0, wrong - 2), wrong + 3).join(", ")}`)
  return wrong !== -1
})
