import { chain, demonstrate, never, pause, fill } from "./lab.ts"
const which = process.argv[2] ?? ""
const A = () => AbortSignal.timeout(60000)
await demonstrate("explore " + which, async ({ host, relay, open, read, outcome, say }) => {
  const watch = (c: any, n = "c") => c.onConnectedChange((v: boolean) => say(`${n} connected=${v}`))
  if (which === "deadpush") {
    const c = await open("s"); watch(c); await c.connect(never); await c.push(chain(0, 1), never)
    const l = read(c, { live: true }); await l.until(() => l.items.length > 0, 1000)
    relay.refuse(); await pause(100)
    const p = c.push(chain(1, 1), never)
    await outcome("push on refused link", p, 4000)
    say("live " + l.ended())
    relay.heal()
    await outcome("that push after heal", p, 8000)
    await outcome("another push", c.push(chain(2, 1), A()), 3000)
    say(JSON.stringify((await host.inspect!("s")).map(e => e.seqNum)))
  }
  if (which === "inflight") {
    const c = await open("s"); watch(c); await c.connect(never)
    const p = c.push([{ ...chain(0, 1)[0]!, name: "gauntlet.slow", args: { ms: 1000 } }], never)
    const o = outcome("push in flight", p, 5000); await pause(300); relay.cut(); await o
    await pause(2000); await outcome("next push", c.push(chain(1, 1), A()), 3000)
    say(JSON.stringify((await host.inspect!("s")).map(e => e.seqNum)))
  }
  if (which === "halfopen") {
    const c = await open("s"); watch(c); await c.connect(never); await c.push(chain(0, 1), never)
    const l = read(c, { live: true }); await l.until(() => l.items.length > 0, 1000)
    relay.freeze(); say("frozen")
    const p = c.push(chain(1, 1), never); const o = outcome("push while frozen", p, 15000)
    await pause(6000); say("live ended? " + l.ended()); relay.heal(); say("healed")
    await o
    const d = await open("s"); await d.connect(never)
    const h = (await host.inspect!("s")).length
    await outcome("other push", d.push(chain(h, 1), A()), 3000)
    await pause(3000)
    say("live has " + l.seqNums() + " ended " + l.ended())
    await outcome("push by frozen client", c.push(chain(h + 1, 1), A()), 3000)
    await outcome("pull by frozen client", (async () => { for await (const _ of c.pull(undefined, { live: false }, A())) { /**/ } })(), 3000)
  }
  if (which === "reject") {
    const c = await open("s", { payload: { token: "reject" } }); watch(c)
    await outcome("connect", c.connect(never), 5000)
    const p = outcome("push", c.push(chain(0, 1), never), 8000)
    const l = read(c, { live: false }); const l2 = read(c, { live: true })
    await p; say("pull " + l.ended() + " live " + l2.ended()); say("connections " + relay.connections())
    await outcome("ping", c.ping(never), 3000)
  }
  if (which === "down") {
    await host.process!.kill!(); const c = await open("s"); watch(c)
    await outcome("connect", c.connect(never), 5000); await outcome("ping", c.ping(never), 5000)
    const l = read(c, { live: false }); await pause(3000); say("pull " + l.ended())
    await host.process!.start!(); await pause(5000); say("pull " + l.ended() + " connected " + c.isConnected() + "n" + relay.connections())
  }
  if (which === "restart") {
    const c = await open("s"); watch(c); await c.connect(never); await c.push(chain(0, 1), never)
    const l = read(c, { live: true }); await l.until(() => l.items.length > 0, 1000)
    await host.process!.kill!(); say("killed"); await host.process!.start!(); say("started")
    await pause(200); say("live " + l.ended())
    await outcome("push", c.push(chain(1, 1), A()), 5000)
    const l2 = read(c, { live: true }); await l2.until(() => l2.items.length > 0, 3000); say("live2 " + l2.seqNums())
  }
  if (which === "evict") {
    const c = await open("s"); watch(c); await c.connect(never); await c.push(chain(0, 1), never)
    const l = read(c, { live: true }); await l.until(() => l.items.length > 0, 1000)
    if (process.env.H) await outcome("hibernate", host.process!.evict!("s", "hibernate"), 5000)
    await host.process!.evict!("s", "close"); say("evicted"); await pause(3000); say("live " + l.ended() + l.seqNums())
    await outcome("push", c.push(chain(1, 1), A()), 5000)
  }
  if (which === "chain") {
    const ev = (seqNum: any, parentSeqNum: any) => ({ ...chain(0, 1)[0]!, seqNum, parentSeqNum })
    const tries: any = { gap: [ev(1, 0), ev(5, 3)], unordered: [ev(2, 0), ev(1, 2)], dup: [ev(1, 0), ev(1, 1)], zero: [ev(0, 0)], neg: [ev(-1, 0)], frac: [ev(1.5, 0)], unsafe: [ev(2 ** 53, 0)], str: [ev("1", 0)], nan: [ev(NaN, 0)], same: [ev(0, 0)], back: [ev(1, 0), ev(1, 0)] }
    for (const [k, b] of Object.entries(tries)) {
      const c = await open(k); await c.connect(never)
      await outcome(k, c.push(b as any, A()), 2000)
      say("  stored " + JSON.stringify((await host.inspect!(k)).map(e => [e.parentSeqNum, e.seqNum])))
      await outcome("  next good", c.push([ev(100, 0)], A()), 2000)
      const l = read(c, { live: false }); await l.until(() => l.ended() !== undefined, 1500); say("  pull " + l.ended() + " " + l.seqNums())
      await c.close()
    }
  }
  if (which === "torn") {
    const c = await open("s"); await c.connect(never)
    const b = [...chain(0, 14), ...chain(13, 1)]
    await outcome("batch whose 15th repeats the 14th", c.push(b, A()), 2000)
    say("stored " + (await host.inspect!("s")).length)
    await outcome("good batch", c.push(chain(0, 3), A()), 2000)
    const l = read(c, { live: false }); await l.until(() => l.ended() !== undefined, 1500); say("pull " + l.seqNums())
    const c2 = await open("s2"); await c2.connect(never); await host.storage!.failWrite!("s2", 2)
    await outcome("batch of 20, second insert fails", c2.push(chain(0, 20), A()), 2000)
    say("stored " + (await host.inspect!("s2")).length)
    await outcome("again", c2.push(chain(0, 20), A()), 2000)
    await host.process!.evict!("s2", "close")
    await outcome("again after eviction", c2.push(chain(0, 20), A()), 4000)
  }
  if (which === "ahead") {
    const c = await open("s"); await c.connect(never); await c.push(chain(0, 3), never)
    const l0 = read(c, { live: false }); await l0.until(() => !!l0.ended(), 1000)
    const l = read(c, { live: false, cursor: 10 }); await l.until(() => l.ended() !== undefined, 1500); say("finite beyond: " + l.ended() + JSON.stringify(l.items))
    const m = read(c, { live: true, cursor: 10 }); await pause(300); say("live beyond: " + m.ended() + JSON.stringify(m.items))
    await c.push(chain(3, 2), never); await pause(200); say("live beyond got " + m.seqNums())
  }
  if (which === "wipe") {
    const c = await open("s"); await c.connect(never); await c.push(chain(0, 3), never)
    const p = await open("s"); await p.connect(never); const l0 = read(p, { live: false }); await l0.until(() => !!l0.ended(), 1000)
    const lv = read(p, { live: true, cursor: 3 }); await pause(200)
    await host.storage!.wipe!("s"); await pause(2500); say("live over wipe: " + lv.ended())
    const q = read(p, { live: false, cursor: 3 }); await q.until(() => !!q.ended(), 3000); say("pull with old cursor: " + q.ended())
    await outcome("push by client that pulled", p.push(chain(3, 1), A()), 3000)
    await outcome("push by client that only pushed", c.push(chain(0, 1), A()), 3000)
    const r = read(p, { live: false }); await r.until(() => !!r.ended(), 3000); say("pull without cursor: " + r.ended() + r.seqNums())
    await outcome("push by client that pulled without cursor", p.push(chain(1, 1), A()), 3000)
  }
  if (which === "beneath") {
    const c = await open("s"); await c.connect(never); await c.push(chain(0, 3), never)
    await host.storage!.wipeBeneath!("s")
    await outcome("push", c.push(chain(3, 1), A()), 3000)
    const r = read(c, { live: false }); await r.until(() => !!r.ended(), 3000); say("pull: " + r.ended() + r.seqNums())
    await host.process!.evict!("s", "close"); await pause(2000)
    await outcome("push after evict", c.push(chain(0, 1), A()), 3000)
  }
  if (which === "leak") {
    const c = await open("s"); watch(c); await c.connect(never); await c.push(chain(0, 1), never)
    const t = performance.now()
    let n = 0
    for (; n < 5000; n++) {
      let ok = false
      const done = (async () => { for await (const _ of c.pull(undefined, { live: false }, AbortSignal.timeout(5000))) ok = true })()
      const r = await Promise.race([done.then(() => "ok", e => JSON.stringify(e)), pause(3000).then(() => "pending")])
      if (r !== "ok" || !ok) { say("pull " + n + " " + r + " got page " + ok); break }
      if (n % 500 === 0) say(n + " " + JSON.stringify(await host.gauges!("s")))
    }
    say("n=" + n + " " + JSON.stringify(await host.gauges!("s")))
    await outcome("push", c.push(chain(1, 1), A()), 3000)
    say(String((await host.logTail!()).slice(-5)))
  }
  if (which === "join") {
    const c = await open("s"); await c.connect(never); await fill(c, 3000)
    const d = await open("s"); await d.connect(never)
    const l = read(d, { live: true })
    for (let k = 3000; k < 3010; k++) await c.push(chain(k, 1), never)
    await l.until(() => l.seqNums().length >= 3010, 3000); await pause(300)
    const s = l.seqNums(); const bad = s.findIndex((v, i) => v !== i + 1)
    say("live: " + s.length + " delivered; first wrong at " + bad + ": " + s.slice(Math.max(0, bad - 2), bad + 4)); say(JSON.stringify(l.items.map(i => i.pageInfo)))
    const e = await open("s"); await e.connect(never)
    const f = read(e, { live: false })
    for (let k = 3010; k < 3020; k++) await c.push(chain(k, 1), never)
    await f.until(() => !!f.ended(), 3000)
    const s2 = f.seqNums(); const bad2 = s2.findIndex((v, i) => v !== i + 1)
    say("finite: " + s2.length + " delivered; first wrong at " + bad2 + ": " + s2.slice(Math.max(0, bad2 - 2), bad2 + 4) + f.ended()); say(JSON.stringify(f.items.map(i => i.pageInfo)))
  }
  if (which === "noargs") {
    const c = await open("s"); await c.connect(never)
    const { args: _, ...bare } = chain(0, 1)[0]!
    await outcome("no args", c.push([bare], A()), 2000)
    const st = await host.inspect!("s"); say(JSON.stringify(st))
    const l = read(c, { live: true }); await pause(300); say("live " + l.ended() + JSON.stringify(l.items))
    await outcome("null args", c.push([{ ...bare, args: null, seqNum: st.length + 1, parentSeqNum: st.length }], A()), 2000)
    await pause(200)
    say("live " + l.ended() + JSON.stringify(l.items)); say(JSON.stringify(await host.inspect!("s")))
    const cyc: any = {}; cyc.cyc = cyc
    await outcome("cyclic args", c.push(chain(2, 1, { args: cyc }), A()), 2000)
    await outcome("bigint args", c.push(chain(2, 1, { args: { n: 1n } }), A()), 2000)
    await outcome("next", c.push(chain((await host.inspect!("s")).length, 1), A()), 2000)
  }
  if (which === "close") {
    const c = await open("s"); await c.connect(never); await c.push(chain(0, 1), never)
    const l = read(c, { live: true }); await l.until(() => l.items.length > 0, 1000)
    say(JSON.stringify(await host.gauges!("s")))
    await outcome("close", c.close(), 3000)
    for (let i = 0; i < 6; i++) { await pause(500); say(JSON.stringify(await host.gauges!("s"))) }
  }
  if (which === "restartclient") {
    const memory = new Map<string, string>()
    const c = await open("s", { memory }); await c.connect(never); await c.push(chain(0, 1), never); await c.close()
    const d = await open("s", { memory }); await d.connect(never)
    const l = read(d, { live: true, cursor: 1 }); await pause(500); say("pull by a client that only pushed: " + l.ended())
  }
  if (which === "neighbour") {
    const c = await open("s"); await c.connect(never); await c.push(chain(0, 1), never)
    const dead = await open("s"); await dead.connect(never); const dl = read(dead, { live: true }); await dl.until(() => dl.items.length > 0, 1000)
    // another client directly
    const { openWsClient } = await import("../client.ts")
    const t = host.endpoint!.target()
    const mk = async () => { const m = new Map<string,string>(); const x = await openWsClient({ storeId: "s", clientId: "x", memory: { get: async k => m.get(k), set: async (k, v) => void m.set(k, v), remove: async () => undefined } }, { url: `http://${t.host}:${t.port}` }); await x.connect(never); return x }
    const p = await mk(); const a = await mk(); const al = read(a, { live: true }); await al.until(() => al.items.length > 0, 1000)
    relay.refuse()
    await outcome("push", p.push(chain(1, 1), A()), 2000); await pause(300); say("neighbour has " + al.seqNums()); say(JSON.stringify(await host.gauges!("s")))
    await outcome("push", p.push(chain(2, 1), A()), 2000); await pause(300); say("neighbour has " + al.seqNums())
    await outcome("push", p.push(chain(3, 1), A()), 2000); await pause(300); say("neighbour has " + al.seqNums())
    say(String((await host.logTail!()).slice(-8).join("\n")))
  }
  if (which === "decay") {
    const c = await open("s"); await c.connect(never)
    for (let i = 0; i < 6; i++) { await pause(300); relay.cut(); const t = performance.now(); while (c.isConnected()) await pause(5); const down = performance.now() - t; while (!c.isConnected() && performance.now() - t < 40000) await pause(10); say(`cut ${i}: noticed ${down | 0} back after ${(performance.now() - t) | 0}`) }
  }
  if (which === "expires") {
    const c = await open("s", { payload: { token: "revocable", id: "x" } }); await c.connect(never); const o = await open("s"); await o.connect(never)
    const l = read(c, { live: true }); await l.until(() => l.items.length > 0, 1000)
    await host.app!.revoke("x"); await o.push(chain(0, 1), never); await pause(500); say("revoked live has " + l.seqNums() + " " + l.ended())
    await outcome("push", c.push(chain(1, 1), A()), 2000)
  }
  if (which === "poison") {
    const c = await open("s"); await c.connect(never)
    for (const size of [899_700, 899_800, 899_850, 899_900, 899_950, 900_100]) {
      const n = (await host.inspect!("s")).length
      const bare = JSON.stringify(chain(n, 1, { args: { pad: "" } })[0]).length
      await outcome("push of " + size, c.push(chain(n, 1, { args: { pad: "x".repeat(size - bare) } }), A()), 4000)
      const l = read(c, { live: false }); await l.until(() => !!l.ended(), 3000); say("  stored " + (await host.inspect!("s")).length + " pull " + l.ended() + " got " + l.seqNums())
    }
  }
  if (which === "aheadlive") {
    const a = await open("s"); await a.connect(never); const b = await open("s"); await b.connect(never); 
    const l = read(b, { live: true }); await l.until(() => l.items.length > 0, 1000)
    await Promise.all([outcome("a", a.push(chain(0, 1), A()), 1000), outcome("b", b.push(chain(0, 1), A()), 1000)])
    await pause(300); say("b live " + l.seqNums())
  }
  if (which === "pingrace") {
    const c = await open("s"); watch(c); await c.connect(never)
    for (let i = 0; i < 12; i++) { await outcome("ping " + c.isConnected(), c.ping(never), 3000) }
  }
  return true
})
