import { readFileSync } from "node:fs"
import { Effect, Exit, Scope } from "effect"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { type Postgres, startPostgres } from "../postgres/start-postgres.ts"
import { openSql, type Sql } from "../sql/open-sql.ts"
import { quote } from "./identifiers.ts"
import { type Answer, ask, makeReplayer, type Prepared, type Replayer, tableOf } from "./replay.fixture.ts"
import { type ShapeServer, startShapeServer } from "./start-shape-server.ts"
import {
  type Appearance,
  appearance,
  messagesOf,
  missingTranscripts,
  parseBody,
  type Transcript,
  transcripts,
} from "./transcripts.fixture.ts"
import { unsupportedTranscripts } from "./unsupported-transcripts.ts"

/*
 * Every recorded exchange is asked again of the shape server, on tables made so that the same answer is right, and the
 * answers are compared: status, headers and messages, without the numbers that no two runs share.
 */

const scope = Scope.makeUnsafe()
const run = <A, E>(effect: Effect.Effect<A, E, Scope.Scope>): Promise<A> =>
  Effect.runPromise(Scope.provide(effect, scope))

const quickLimits = {
  longPollMs: 3_000,
  keepAliveMs: 1_000,
  streamMs: 4_000,
  pastEndMs: 200,
  databaseWaitMs: 300,
  lockMs: 200,
  retryMs: [100],
}
let database: Postgres
let sql: Sql
let open: ShapeServer
let locked: ShapeServer
let small: ShapeServer
let replayers: { readonly open: Replayer; readonly locked: Replayer; readonly small: Replayer }

beforeAll(async () => {
  if (missingTranscripts !== undefined) return
  database = await run(startPostgres())
  sql = openSql(database.url(), { max: 4 })
  const databaseUrl = database.url()
  open = await run(
    startShapeServer({ databaseUrl, replicationStreamId: "open", allowsDeletion: true, limits: quickLimits }),
  )
  locked = await run(startShapeServer({ databaseUrl, replicationStreamId: "locked", secret: "s3cret" }))
  // No DELETE, small chunks, tables that are looked at often, and polls that outlast an outage.
  const limits = { ...quickLimits, chunkBytes: 2_000, relationCheckMs: 100, longPollMs: 60_000, streamMs: 60_000 }
  small = await run(startShapeServer({ databaseUrl, replicationStreamId: "small", limits }))
  replayers = {
    open: makeReplayer(sql, open.url, "o"),
    locked: makeReplayer(sql, locked.url, "l"),
    small: makeReplayer(sql, small.url, "s"),
  }
}, 120_000)
afterAll(async () => {
  await sql?.end(0)
  await Effect.runPromise(Scope.close(scope, Exit.void))
})

const isSmall = ({ label }: Transcript): boolean => /smallchunk|bigtxn|rows60k/.test(label)
const isRecreated = ({ label }: Transcript): boolean => /drop-recreate-old|recreated-old/.test(label)

const replayerFor = (transcript: Transcript): Replayer => {
  if (isSmall(transcript) || isRecreated(transcript) || transcript.label.startsWith("j-09")) return replayers.small
  return transcript.label.includes("secret") ? replayers.locked : replayers.open
}

/** The first was cut by who recorded it; the second is not waited out. */
const isCutShort = ({ label }: Transcript): boolean => /^d-03-|^kpg-18-/.test(label)

const send = (transcript: Transcript, prepared: Prepared, url: string, during = prepared.during): Promise<Answer> => {
  const events = isCutShort(transcript) ? messagesOf(transcript).messages.length : undefined
  let happened: Promise<void> = Promise.resolve()
  return ask(`${url}${prepared.path}`, {
    method: transcript.request.method,
    headers: transcript.request.headers,
    ...(events === undefined
      ? {}
      : { suffices: (body) => body.split("data: ").length > events && body.endsWith("\n\n") }),
    sent: () => {
      // Later than the request's arrival, as in the recording.
      happened = new Promise((resolve) => setTimeout(resolve, 50)).then(during)
    },
  }).then(async (answer) => {
    await happened
    return answer
  })
}

/** How an answer looks beside the recorded one. */
interface Pair {
  readonly came: Appearance
  readonly recorded: Appearance
}

const compare = (transcript: Transcript, prepared: Prepared, answer: Answer): Pair => {
  const { response } = transcript
  const isJson = (headers: Answer["headers"]): boolean =>
    headers.some(([name, value]) => name === "content-type" && value === "text/event-stream") ||
    answer.body.startsWith("[")
  const { messages, isWhole } = messagesOfAny(transcript)
  const options = { isWhole: isWhole && !isSmall(transcript), isSmaller: isSmall(transcript) || !isWhole }
  const recorded = { status: response?.status ?? 0, headers: response?.rawHeaders ?? [], body: messages }
  const came = { ...answer, body: isJson(answer.headers) ? parseBody(answer.body) : answer.body }
  return {
    came: appearance(came, prepared.table, options),
    recorded: appearance(recorded, tableOf(transcript), options),
  }
}

/** The recorded messages, or the body as it is when it is none of messages. */
const messagesOfAny = (transcript: Transcript) => {
  const { body, rawHeaders } = transcript.response ?? {}
  const isStream = rawHeaders?.some(([, value]) => value === "text/event-stream") === true
  if (body !== undefined && !body.startsWith("[") && !isStream) return { messages: body, isWhole: true }
  return messagesOf(transcript)
}

const inSql = (statement: string) => async (): Promise<void> => void (await sql.unsafe(statement))

/** What ends the shape of a transcript's table. */
const ending = ({ label }: Transcript, { table, path }: Prepared, replayer: Replayer): (() => Promise<void>) => {
  if (/truncate/.test(label)) return inSql(`truncate ${quote(table)}`)
  if (isRecreated({ label } as Transcript)) {
    return async () => {
      await sql.begin(async (transaction) => {
        await transaction.unsafe(`alter table ${quote(table)} rename to ${quote(`${table}_old`)}`)
        await transaction.unsafe(`create table ${quote(table)} (like ${quote(`${table}_old`)} including all)`)
      })
    }
  }
  if (/add-column/.test(label)) {
    return inSql(`alter table ${quote(table)} add column more text;
      insert into ${quote(table)} ("seqNum", "parentSeqNum", name, "clientId", "sessionId") values (1, 0, 'n', 'c', 's')`)
  }
  const handle = new URL(path, replayer.url).searchParams.get("handle") ?? ""
  return async () => void (await ask(`${replayer.url}/v1/shape?handle=${handle}`, { method: "DELETE" }))
}

const untilGone = async (replayer: Replayer, { path }: Prepared): Promise<void> => {
  const url = new URL(path, replayer.url)
  url.searchParams.set("offset", "0_inf")
  url.searchParams.delete("live")
  for (let attempt = 0; (await ask(url.href)).status !== 409; attempt += 1) {
    if (attempt > 200) throw new Error("the shape does not go")
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

const supported = transcripts.filter(({ label }) => unsupportedTranscripts[label] === undefined)

/** Transcripts that need more than a request: killed processes, a database that is down. */
const isSpecial = ({ label }: Transcript): boolean =>
  /^k-0[1-5]-(inflight|graceful|pg-newcluster)|^k-(08|09|1\d|2[2-7]|31)-|^kpg-(07|08|09|1[0-8]|22)|^s-01/.test(label)

const endsInFlight = ({ label }: Transcript): boolean => /^(f-0[34]-del|h-12-|h-26-|kpg-19-)/.test(label)
const endsBefore = ({ label }: Transcript): boolean =>
  /^f-0[569]-del-old|^h-09-|^h-1[456]-drop|^h-24-|^kpg-20-/.test(label)

/** A request that names a shape by its handle alone. */
const withHandle = async (replayer: Replayer, prepared: Prepared): Promise<Prepared> => {
  await sql`create table deleted (n int primary key)`
  return { ...prepared, path: `/v1/shape?handle=${await replayer.start("/v1/shape?table=deleted")}` }
}

describe("the shape server answers as Electric did", () => {
  it("and what it does not repeat was recorded, and stands in the documentation", () => {
    const listed = Object.entries(unsupportedTranscripts).map(([label, reason]) => `| \`${label}\` | ${reason} |`)
    const page = readFileSync(new URL("../../../docs/electric-shape-server.md", import.meta.url), "utf8")
    expect(page.split("\n").filter((line) => /^\| `[a-z]+-\d+-/.test(line))).toEqual(listed)
  })

  it("on every machine that has the recorded exchanges", (context) => {
    if (missingTranscripts !== undefined) context.skip(missingTranscripts)
    expect(transcripts.length - supported.length).toBe(Object.keys(unsupportedTranscripts).length)
    expect(supported.length).toBeGreaterThan(150)
  })

  it.for(
    supported
      .filter((transcript) => !isSpecial(transcript))
      .map((transcript) => [transcript.label, transcript] as const),
  )("in %s", async ([, transcript]) => {
    const replayer = replayerFor(transcript)
    let prepared = await replayer.prepare(transcript, isSmall(transcript))
    if (transcript.label.endsWith("DELETE-by-handle")) prepared = await withHandle(replayer, prepared)
    if (/h-(19|20|21)-drop/.test(transcript.label)) {
      const drop = inSql(`drop table ${quote(prepared.table)}`)
      if (transcript.label.startsWith("h-19")) prepared = { ...prepared, during: drop }
      else {
        await ask(`${replayer.url}${prepared.path}`)
        await drop()
      }
    }
    if (endsBefore(transcript)) {
      await ending(transcript, prepared, replayer)()
      await untilGone(replayer, prepared)
    }
    const during = endsInFlight(transcript) ? ending(transcript, prepared, replayer) : prepared.during
    const { came, recorded } = compare(transcript, prepared, await send(transcript, prepared, replayer.url, during))
    expect(came).toEqual(recorded)
  })
})

/** Transcripts that a pattern names, made ready for the requests that follow what happens to the server. */
const readied = async (
  pattern: RegExp,
  replayer = replayers.open,
): Promise<ReadonlyArray<{ readonly transcript: Transcript; readonly prepared: Prepared }>> => {
  const found: Array<{ readonly transcript: Transcript; readonly prepared: Prepared }> = []
  for (const transcript of supported.filter(({ label }) => pattern.test(label))) {
    found.push({ transcript, prepared: await replayer.prepare(transcript) })
  }
  return found
}

/** Asks all at once; answers and recordings by label. There has to be one. */
const askAll = async (all: Awaited<ReturnType<typeof readied>>, url = open.url) => {
  const pairs = await Promise.all(
    all.map(async ({ transcript, prepared }) => {
      const { came, recorded } = compare(transcript, prepared, await send(transcript, prepared, url))
      return { came: [transcript.label, came] as const, recorded: [transcript.label, recorded] as const }
    }),
  )
  if (pairs.length === 0) throw new Error("no transcript has such a label")
  return { came: pairs.map(({ came }) => came), recorded: pairs.map(({ recorded }) => recorded) }
}

describe.skipIf(missingTranscripts !== undefined)("the shape server answers as Electric did around faults", () => {
  it("when it is stopped under a poll and started again", async () => {
    const all = await readied(/^k-03-graceful/)
    const [polling] = await readied(/^k-01/)
    const broken = send(polling!.transcript, polling!.prepared, open.url, async () => undefined).catch(
      (error: { readonly code?: string }) => error.code,
    )
    await new Promise((resolve) => setTimeout(resolve, 100))
    await run(open.stop)
    expect(await broken).toBe("ECONNRESET")
    // Another server that reads the same slot.
    const other = openSql(database.url(), { max: 1 })
    await other`select pg_advisory_lock(hashtext('electric_slot_open'))`
    await run(open.startUnready)
    const pairs1 = await askAll(await readied(/^k-02-graceful/))
    expect(pairs1.came).toEqual(pairs1.recorded)
    await other.end()
    while ((await ask(`${open.url}/v1/health`)).status !== 200) await new Promise((resolve) => setTimeout(resolve, 20))
    const pairs2 = await askAll(all)
    expect(pairs2.came).toEqual(pairs2.recorded)
    const pairs3 = await askAll(await readied(/^k-05-graceful/))
    expect(pairs3.came).toEqual(pairs3.recorded)
  })

  it("when it is killed and started again", async () => {
    const all = await readied(/^k-(09|10|11|12|14|15)-kill9/)
    await run(open.kill)
    await run(open.start)
    const pairs4 = await askAll(all)
    expect(pairs4.came).toEqual(pairs4.recorded)
  })

  it("when its storage is wiped", async () => {
    const all = await readied(/^k-(22|23|24|25|27)-wiped/)
    await run(open.wipe)
    const pairs5 = await askAll(all)
    expect(pairs5.came).toEqual(pairs5.recorded)
  })

  it("when its slot is dropped", async () => {
    const all = await readied(/^k-31-|^k-23-/)
    await run(open.stop)
    await sql`select pg_drop_replication_slot('electric_slot_open')`
    await run(open.start)
    const pairs6 = await askAll(all)
    expect(pairs6.came).toEqual(pairs6.recorded)
  })

  it("when another session keeps a transaction open while a table's first shape is made", async () => {
    const [first] = await readied(/^s-01-/)
    await sql.begin(async (transaction) => {
      await transaction.unsafe(
        `insert into ${quote(first!.prepared.table)} ("seqNum", "parentSeqNum", name, "clientId", "sessionId") values (1, 0, 'n', 'c', 's')`,
      )
      const pairs = await askAll([first!])
      expect(pairs.came).toEqual(pairs.recorded)
    })
  })

  it("while its database is down, and when that is back", async () => {
    const down = await readied(/^kpg-(07|08|09|10)-(?!health)/)
    const back = await readied(/^kpg-(11-nonlive|12|13|14|15|16-minus1|17|22)/)
    const ending = await readied(/^kpg-11-live/)
    const lasting = await readied(/^kpg-(16-live|18-sse)/, replayers.small)
    const rising = await readied(/^k-04-graceful|^k-08-/)
    let commit = (): void => undefined
    const isBack = new Promise<void>((resolve) => {
      commit = resolve
    })
    const ended = askAll(ending)
    const lasted = Promise.all(
      lasting.map(async ({ transcript, prepared }) => {
        const during = (): Promise<void> => isBack.then(prepared.during)
        return compare(transcript, prepared, await send(transcript, prepared, small.url, during))
      }),
    )
    await new Promise((resolve) => setTimeout(resolve, 100))
    await run(database.kill)
    await new Promise((resolve) => setTimeout(resolve, 50))
    const pairs7 = await askAll([...down, ...rising])
    expect(pairs7.came).toEqual(pairs7.recorded)
    await run(database.start)
    commit()
    const polls = await ended
    expect(polls.came).toEqual(polls.recorded)
    for (const { came, recorded } of await lasted) expect(came).toEqual(recorded)
    const pairs8 = await askAll(back)
    expect(pairs8.came).toEqual(pairs8.recorded)
  })

  it("by a comment on a stream without news, and by its end after a time", async () => {
    await sql`create table quiet (n int primary key)`
    const handle = await replayers.open.start("/v1/shape?table=quiet")
    const answer = await ask(`${open.url}/v1/shape?table=quiet&offset=0_inf&handle=${handle}&live=true&live_sse=true`)
    expect(answer.body).toMatch(/^(: keep-alive\n\n)+$/)
  })

  it("when its database is another one of the same name", async () => {
    await run(database.createDatabase("life"))
    const url = database.url("life")
    const inLife = openSql(url, { max: 1 })
    const server = await run(startShapeServer({ databaseUrl: url, replicationStreamId: "life", limits: quickLimits }))
    const all = await readied(/pg-newcluster/, makeReplayer(inLife, server.url, "n"))
    await run(server.stop)
    await inLife.end()
    await run(database.createDatabase("copy", { template: "life" }))
    await run(database.dropDatabase("life"))
    await run(database.createDatabase("life", { template: "copy" }))
    await run(server.start)
    const pairs9 = await askAll(all, server.url)
    expect(pairs9.came).toEqual(pairs9.recorded)
  })

  it("to every transcript that is not listed as unsupported", () => {
    const replayed =
      /^k-0[2345]-graceful|pg-newcluster|^k-01-|^k-08-|^k-(09|10|11|12|14|15)-kill9|^k-(22|23|24|25|27)-wiped|^k-31|^s-01-|^kpg-(07|08|09|10)-(?!health)|^kpg-(11|12|13|14|15|16|17|18|22)/
    expect(supported.filter((each) => isSpecial(each) && !replayed.test(each.label)).map(({ label }) => label)).toEqual(
      [],
    )
  })
})
