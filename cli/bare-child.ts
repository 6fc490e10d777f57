// oxlint-disable-next-line import/no-unassigned-import -- it has to run before anything loads Effect
import "../chaos/world/without-async-contexts.ts"
// oxlint-disable-next-line import/no-unassigned-import -- it is the process
import "./child.ts"
