/**
 * The page's own script, as text: filters of the table of checks, folding of the matrix, copying of commands. The
 * page is readable without it.
 */
export const script = `
"use strict"
const rows = [...document.querySelectorAll("[data-outcome]")]
const chips = [...document.querySelectorAll(".chip")]
const provider = document.querySelector("#provider")
const words = document.querySelector("#words")
const nothing = document.querySelector("#nothing")

const apply = () => {
  const outcomes = new Set(chips.filter((chip) => chip.getAttribute("aria-pressed") === "true").map((chip) => chip.dataset.chip))
  const wanted = words.value.trim().toLowerCase().split(/\\s+/).filter((word) => word !== "")
  let shown = 0
  for (const row of rows) {
    const text = row.dataset.text
    const fits =
      (outcomes.size === 0 || outcomes.has(row.dataset.outcome)) &&
      (provider.value === "" || provider.value === row.dataset.provider) &&
      wanted.every((word) => text.includes(word))
    row.hidden = !fits
    if (fits) shown += 1
  }
  nothing.hidden = shown > 0
}

for (const chip of chips) {
  chip.addEventListener("click", () => {
    chip.setAttribute("aria-pressed", String(chip.getAttribute("aria-pressed") !== "true"))
    apply()
  })
}
provider.addEventListener("change", apply)
words.addEventListener("input", apply)

const show = (outcomes, key, text) => {
  for (const chip of chips) chip.setAttribute("aria-pressed", String(outcomes.includes(chip.dataset.chip)))
  provider.value = key
  words.value = text
  apply()
  document.querySelector("#checks").scrollIntoView()
}

document.addEventListener("click", async (event) => {
  const target = event.target.closest("button")
  if (target === null) return
  if (target.matches(".fold")) {
    const open = target.getAttribute("aria-expanded") !== "true"
    target.setAttribute("aria-expanded", String(open))
    for (const row of document.querySelectorAll('[data-family="' + target.dataset.fold + '"]')) row.hidden = !open
  }
  if (target.matches(".cell")) show([], target.dataset.provider, target.dataset.words)
  if (target.matches(".copy")) {
    const code = target.previousElementSibling
    try {
      await navigator.clipboard.writeText(code.textContent)
      target.textContent = "copied"
    } catch {
      getSelection().selectAllChildren(code)
      target.textContent = "selected"
    }
    setTimeout(() => (target.textContent = "copy"), 1500)
  }
})

apply()
`
