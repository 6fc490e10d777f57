export { judge, makeJudge, type Judge, type Verdict } from "./judge.ts"
export { fromNdjson, HistoryFormatError, toNdjson, type Section } from "./ndjson.ts"
export { recordError, recordEvent, recordEvents, recordPage, type RecordedPage } from "./record-event.ts"
export { makeRecorder, type Invocation, type Recorder } from "./recorder.ts"
