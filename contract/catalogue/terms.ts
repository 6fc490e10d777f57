/** A word of the contract and what it means there. */
export interface Term {
  readonly term: string
  readonly meaning: string
}

/** How the contract is to be read. */
export const reading: ReadonlyArray<string> = [
  "This is what a LiveStore-style sync provider promises, one clause at a time. For each clause but the three of `load`, which are measured and not checked, the harness has at least one check, and at least one planted bug that the check must find.",
  "Conformance is decided by the `MUST` clauses. A `SHOULD` clause is reported and cannot fail a run on its own. Wherever a clause allows two readings, the one that LiveStore's leader depends on is meant (`LeaderSyncProcessor`, `sync-backend.ts`).",
]

/** The words that clauses are written in. */
export const terms: ReadonlyArray<Term> = [
  {
    term: "Event",
    meaning:
      "`{ seqNum, parentSeqNum, name, args, clientId, sessionId }`. The client chooses `seqNum`, a positive safe integer. `args` is whatever `JSON.stringify` makes of a value: members that are undefined are dropped, there may be no `args` at all, and the order of keys is free.",
  },
  {
    term: "Event log",
    meaning:
      "The one chain of events that a store has. Its first event has `parentSeqNum` `0` (the root), every other has the `seqNum` of the event before it. `seqNum` always ascends and may leave numbers out.",
  },
  { term: "Head", meaning: "The `seqNum` of the log's last event; `0` when the log is empty." },
  {
    term: "Batch",
    meaning: "From 1 to 100 events, each chained to the one before. A provider may declare that it takes more.",
  },
  {
    term: "Backend",
    meaning:
      "The only authority over the order of a store's log. It takes a batch or refuses it, and never gives events other numbers.",
  },
  {
    term: "Life",
    meaning:
      "A backend's data, from creation until a wipe or a restore. The **backendId** says which life it is. Durability is judged within a life: acknowledgements from after the snapshot that was restored are forgiven, and operations that overlap the wipe are indefinite.",
  },
  {
    term: "Client",
    meaning:
      "A clientId together with its **memory**: key-value storage that belongs to the provider, lies beside the caller's cursor and outlives the client's processes (LiveStore's KeyValueStore). Memory and cursor go together: after a crash both are there, a client that was lost has neither, and there is no third case. The memory of a fresh client is empty. A client *knows* a backendId as soon as one of its pushes or pulls has succeeded.",
  },
  {
    term: "Cursor",
    meaning:
      "`{ eventSequenceNumber, metadata }`, naming the last event that a client has. `metadata` is the provider's: the caller keeps it and gives it back without reading it.",
  },
  {
    term: "Payload",
    meaning: "A JSON value that a client gives along with its connection, for authentication or tenancy.",
  },
  {
    term: "Attempt",
    meaning:
      "One call of `push`. A provider that sends more than once within a call must not report a `ServerAhead` that answers the second sending as the refusal of this attempt.",
  },
  {
    term: "Definite refusal",
    meaning:
      "An attempt that ends with `ServerAhead`, `InvalidPush`, `PushRejected`, `PayloadRejected` or `BackendIdMismatch`. It appends nothing, then or later. Its events may still be in the log because another recorded attempt put them there.",
  },
  {
    term: "Indefinite",
    meaning:
      "An attempt that ends with `IsOffline`, an interruption or an unknown error. Its batch is in the log whole and once, or it is not; until quiescence it may appear at any later time.",
  },
  {
    term: "Known",
    meaning:
      "Said of an event that was acknowledged, that was delivered to anyone, or that the head of a `ServerAhead` covers.",
  },
  {
    term: "Settles",
    meaning:
      "Ends with a value or a failure before the deadline, which is at most 30 s and less where the provider declares less. A hang, a throw from the call itself, a defect and an unhandled rejection are violations, whatever the clause.",
  },
  {
    term: "Typed",
    meaning:
      'Fails with the very error that the clause names; an unknown error is good enough for "settles" and for nothing more. When more than one refusal applies, each of them is right. LiveStore itself knows `IsOffline`, `ServerAhead`, `BackendIdMismatch` and unknown errors only, so a provider declares `errors: full` or `errors: livestore`. Under `livestore` the clauses that ask for another name (`push/invalid-typed`, `payload/typed`, `reject/typed`) are `unsupported`, and everything else in their families still holds.',
  },
  {
    term: "Equal",
    meaning: "Two events are equal when, after a round trip through JSON, their six fields are deeply equal.",
  },
]

/** The members of the interface. */
export const operations: ReadonlyArray<Term> = [
  { term: "connect", meaning: "Opens the client's connection to its store, for as long as the scope it runs in." },
  {
    term: "push(batch)",
    meaning: "Asks the backend to append a batch, whole, behind the event that is its first parent.",
  },
  {
    term: "pull(cursor, { live })",
    meaning:
      "A stream of pages with the events behind the cursor, or with the whole log where there is no cursor. It ends after `NoMore`; with `live` it stays open and goes on with what is pushed later.",
  },
  { term: "ping", meaning: "Asks whether the backend answers on this connection." },
  { term: "isConnected", meaning: "Whether the client is connected now; it can be watched for changes." },
  {
    term: "metadata",
    meaning:
      "Name, description and `supports`, which says whether page information is known (`pullPageInfoKnown`) and whether pulls can be live (`pullLive`).",
  },
]

/** What is to be known of the operations beside their names. */
export const operationNotes: ReadonlyArray<Term> = [
  {
    term: "Names",
    meaning:
      "The interface is called `SyncProvider`, and `supports` belongs to its `metadata`. LiveStore plans both changes for its `SyncBackend`.",
  },
  {
    term: "`ServerAhead { head, providedParent }`",
    meaning:
      "`head` is what the backend's head was at some instant between the call and the answer. LiveStore's Cloudflare provider reports `minimumExpectedNum = head, providedNum = parent`, its mock `head + 1` and the first `seqNum`. In the contract there is one meaning, and translating into it is the adapter's work.",
  },
  {
    term: "`pageInfo`",
    meaning:
      "Comes with every pulled item: `NoMore`, `MoreKnown { remaining }` or `MoreUnknown`. Some instant between the start of the pull and the arrival of a page is that page's **cut**, and a later page's cut is never an earlier instant. At such an instant `NoMore` is true, and so is `remaining`, which is at least 1.",
  },
]

/** What LiveStore's leader does after each end of an operation: the reason behind many clauses. */
export const whoRetries: ReadonlyArray<string> = [
  "After `IsOffline` the leader repeats a pull, immediately. After any other failure of a pull, and when a live pull ends normally, its syncing is over.",
  "After `ServerAhead` it pushes again only when a pulled item has come.",
  "While `isConnected` is false it applies nothing and pushes nothing.",
  "It calls `connect` once.",
  "Whenever a pull delivers, it interrupts the push in flight.",
  "After `BackendIdMismatch` it deletes its local data.",
]
