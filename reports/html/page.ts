import type { Run } from "../../contract/run.ts"
import { escapeMarkup as esc } from "../escape.ts"
import { headlineOf } from "../headline.ts"
import type { Timelines } from "../timeline/read-timelines.ts"
import { appendix } from "./appendix.ts"
import { checkList } from "./check-list.ts"
import { matrixTable } from "./matrix-table.ts"
import { overview } from "./overview.ts"
import { script } from "./script.ts"
import { style } from "./style.ts"

/** One page that holds all it needs: it opens from disk, without a network, in light and in dark. */
export const toHtml = (run: Run, timelines: Timelines): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'">
<title>${esc(headlineOf(run).text)} – Sync Gauntlet</title>
<style>${style}</style>
</head>
<body>
<main>
${overview(run)}
${matrixTable(run)}
${checkList(run, timelines)}
${appendix(run)}
</main>
<script>${script}</script>
</body>
</html>
`
