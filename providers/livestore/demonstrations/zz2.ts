import { chain, demonstrate, never, pause, fill } from "./lab.ts"
const which = process.argv[2] ?? ""
const A = (ms = 60000) => AbortSignal.timeout(ms)
await demonstrate("explore " + which, async ({ host, relay, open, read, outcome, say }) => {
  const watch = (c: any, n = "c") => c.onConnectedChange((v: boolean) => say(`${n} connected=${v}`))
  if (which === "decay") {
    const c = await open("s"); await c.connect(never)
    for (let i = 0; i < 6; i++) { await pause(300); relay.cut(); const t = performance.now(); while (c.isConnected()) await pause(5); const down = performance.now() - t; while (!c.isConnected() && performance.now() - t < 40000) await pause(10); say(`cut ${i}: noticed ${down | 0} back after ${(performance.now() - t) | 0}`) }
  }
  if (which === "race") {
    for (const mode of ["cold", "slow"]) for (let k = 0; k < 5; k++) {
      const s = mode + k
      const cs = await Promise.all(Array.from({ length: 8 }, () => open(s)))
      if (mode === "slow") await Promise.all(cs.map(c => c.connect(never)))
      const rs = await Promise.all(cs.map(async (c, i) => { try { await c.push(chain(0, 1, { clientId: "c" + i, ...(mode === "slow" ? { name: "gauntlet.slow", args: { ms: 50 } } : {}) }), A(10000)); return "ok" } catch (e: any) { return e._tag + (e.head ?? e.message) } }))
      say(s + " " + rs.join(",") + " stored " + (await host.inspect!(s)).length)
      await Promise.all(cs.map(c => c.close()))
    }
  }
  if (which === "connects") {
    const c = await open("s"); await Promise.all(Array.from({ length: 5 }, (_, i) => outcome("connect " + i, c.connect(never), 3000))); await outcome("again", c.connect(never), 3000); say("connections " + relay.connections())
  }
  if (which === "names") {
    for (const s of ["a/b", "a.b", "a b", "A", "a", "a-b", "a_b", "'; drop table x; --", "ü", "u\u0308", "x".repeat(64) + "1", "x".repeat(64) + "2", "x".repeat(300), "?&=#%", "../x", "__proto__", " ", "", "\u{1F600}", "a\u0000b", "n\nm"]) {
      const c = await open(s).catch(e => { say("open fails " + JSON.stringify(e)); return undefined }); if (!c) continue
      const r = await outcome(JSON.stringify(s.slice(0, 30)), c.push(chain(0, 1), A(2500)), 3000)
      if (r === "succeeded") { const l = read(c, { live: false }); await l.until(() => !!l.ended(), 1000); say("   pull " + l.seqNums() + l.ended() + " inspect " + (await host.inspect!(s)).length) }
      await c.close()
    }
  }
  if (which === "payloads") {
    const deep: any = {}; let d = deep; for (let i = 0; i < 100; i++) d = d.x = {}
    const ps: any[] = [null, false, 0, "", "x", [], {}, { a: undefined }, { t: "ü\u{1F600}\"'&?#%+ /\\" }, { t: "\u0000" }, { t: "\ud800" }, deep, { t: "x".repeat(900) }, { t: "ü".repeat(450) }, { t: "x".repeat(7000) }, { t: "x".repeat(20000) }, { "__proto__x": 1, n: 1e308, m: -0.1 }, JSON.parse('{"__proto__":{"a":1},"constructor":2}')]
    for (const [i, p] of ps.entries()) {
      const c = await open("p" + i, { payload: p }).catch(e => { say(i + " open fails " + JSON.stringify(e)); return undefined }); if (!c) continue
      const r = await outcome(i + " push with " + JSON.stringify(p)?.slice(0, 40), c.push(chain(0, 1), A(2500)), 3000)
      const seen = await host.app!.seen("p" + i)
      say("   " + seen.map(x => x.hook + ":" + (JSON.stringify(x.payload) === JSON.stringify(p) ? "equal" : JSON.stringify(x.payload)?.slice(0, 60))).join(" "))
      await c.close()
    }
  }
  if (which === "split") {
    const c = await open("s"); await c.connect(never)
    const big = chain(0, 20, { args: { pad: "x".repeat(100_000) } }).map((e, i) => i === 19 ? { ...e, name: "gauntlet.reject", args: { reason: "last is bad" } } : e)
    await outcome("batch of 2 MB whose last is refused", c.push(big, A()), 4000); say("stored " + (await host.inspect!("s")).length)
    const d = await open("t"); await d.connect(never)
    await outcome("batch of 150 whose last is refused", d.push(chain(0, 150).map((e, i) => i === 149 ? { ...e, name: "gauntlet.reject", args: { reason: "r" } } : e), A()), 4000); say("stored " + (await host.inspect!("t")).length)
    const e = await open("u"); await e.connect(never); const l = read(e, { live: true }); await l.until(() => l.items.length > 0, 1000)
    await outcome("batch of 9 x 100 kB", e.push(chain(0, 9, { args: { pad: "x".repeat(99_800) } }), A()), 4000); await pause(500)
    say(JSON.stringify(l.items.map(i => [i.events.length, i.pageInfo])))
  }
  if (which === "live200") {
    const cs = await Promise.all(Array.from({ length: 200 }, () => open("s"))); await Promise.all(cs.map(c => c.connect(never))); say("connected " + cs.filter(c => c.isConnected()).length)
    const ls = cs.map(c => read(c, { live: true })); await pause(2000); say("caught up " + ls.filter(l => l.items.length > 0).length)
    const t = performance.now(); await cs[0]!.push(chain(0, 1), never); while (performance.now() - t < 8000 && ls.some(l => l.seqNums().length === 0)) await pause(20)
    say("delivered " + ls.filter(l => l.seqNums().length === 1).length + " in " + ((performance.now() - t) | 0))
  }
  if (which === "hib") {
    const c = await open("s"); await c.connect(never); await c.push(chain(0, 1), never); const l = read(c, { live: true }); await pause(300)
    const i0 = await host.process!.instance("s"); await pause(14000); const i1 = await host.process!.instance("s"); say("same instance after 14 s idle: " + (i0 === i1))
    const n = await open("n"); await n.connect(never); const j0 = await host.process!.instance("n"); await pause(14000); const j1 = await host.process!.instance("n"); say("store with a connection that never sent a request, same instance: " + (j0 === j1))
    const x = await open("x"); await x.connect(never); await x.push(chain(0, 1), never); await x.close(); const k0 = await host.process!.instance("x"); await pause(14000); const k1 = await host.process!.instance("x"); say("store whose only client closed, same instance: " + (k0 === k1))
    await c.push(chain(1, 1), never); await pause(500); say("live got " + l.seqNums())
  }
  if (which === "interrupt") {
    const c = await open("s"); watch(c); await c.connect(never); relay.refuse(); await pause(100)
    const ab = new AbortController(); const p = c.push(chain(0, 1), ab.signal); await pause(500); const t = performance.now(); ab.abort(); await outcome("interrupted offline push", p, 5000); say("" + ((performance.now() - t) | 0))
    relay.heal(); await pause(3000); say("stored " + (await host.inspect!("s")).length + " connected " + c.isConnected())
    relay.freeze(); const ab2 = new AbortController(); const q = c.push(chain((await host.inspect!("s")).length, 1), ab2.signal); await pause(300); ab2.abort(); await outcome("interrupted half-open push", q, 5000)
  }
  if (which === "garbage") {
    const c = await open("s"); watch(c); await c.connect(never); await c.push(chain(0, 3), never)
    const l = read(c, { live: true }); await l.until(() => l.items.length > 0, 1000)
    const W: any = globalThis.WebSocket
    say(String(W))
  }
  if (which === "offlineconnect") {
    relay.refuse(); const c = await open("s"); watch(c); await outcome("connect", c.connect(never), 3000); say("" + c.isConnected())
    relay.freeze(); const d = await open("s"); watch(d, "d"); await outcome("connect frozen", d.connect(never), 3000); await outcome("ping frozen", d.ping(never), 3000)
    await pause(4000); relay.heal(); const t = performance.now(); while ((!c.isConnected() || !d.isConnected()) && performance.now() - t < 30000) await pause(20); say("both back after " + ((performance.now() - t) | 0) + " conns " + relay.connections())
  }
  if (which === "silentafter") {
    const c = await open("s"); watch(c); await c.connect(never); await c.push(chain(0, 1), never)
    const f = await open("s"); await f.connect(never); await fill
    const l = read(c, { live: true }); await l.until(() => l.items.length > 0, 1000)
    relay.freeze(); await pause(2500); relay.heal(); const t = performance.now(); while (!c.isConnected() && performance.now() - t < 30000) await pause(20); say("back after " + ((performance.now() - t) | 0)); await pause(2000)
    const d = await open("s"); await d.connect(never); await d.push(chain(1, 1), never); await pause(5000); say("live " + l.seqNums() + " " + l.ended())
  }
  return true
})
