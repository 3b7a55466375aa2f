// The owner's forms without a page load, and plus and minus as look-ups in the till's own table. All works without it.
"use strict";
const said = document.getElementById("said");

function say(words, { seen = true } = {}) {
  said.className = seen ? "" : "away";
  said.textContent = words;
}

function step(button) {
  const line = button.closest(".line");
  const now = line.querySelector("tr[aria-current]");
  if (!now) return false;
  const row = button.name === "less" ? now.previousElementSibling : now.nextElementSibling;
  if (!row) return true;
  now.removeAttribute("aria-current");
  row.setAttribute("aria-current", "true");
  for (const cell of row.querySelectorAll("[data-is]"))
    line.querySelector(`[data-of="${cell.dataset.is}"]`).textContent = cell.textContent;
  line.querySelector("input").value = row.dataset.row;
  line.querySelector("[data-shows=edited]").hidden = row.dataset.row === line.dataset.packs;
  line.querySelector("[name=less]").disabled = !row.previousElementSibling;
  line.querySelector("[name=more]").disabled = !row.nextElementSibling;
  const { cost, out } = words(row);
  say(`${line.querySelector("h2").textContent}: ${row.dataset.row} ${said.dataset.saidPacks}, ${cost}, ${said.dataset.out} ${out}`, { seen: false });
  total(button.form);
  return true;
}

function words(row) {
  return Object.fromEntries([...row.querySelectorAll("[data-is]")].map((cell) => [cell.dataset.is, cell.textContent]));
}

function total(form) {
  const rows = [...form.querySelectorAll("tr[aria-current]")];
  const places = Number(form.dataset.decimals);
  const sum = rows.reduce((all, row) => all + Number(row.dataset.cost), 0);
  form.querySelector("[data-of=total]").textContent = money(sum / 10 ** places, places, form.dataset.symbol);
}

function money(sum, places, symbol) {
  if (document.documentElement.lang !== "de") return symbol + sum.toFixed(places);
  return `${sum.toLocaleString("de", { minimumFractionDigits: places, maximumFractionDigits: places })} ${symbol.trim()}`;
}

async function send(form, button) {
  if (!navigator.onLine) return say(said.dataset.offline);
  form.setAttribute("aria-busy", "true");
  try {
    const body = new URLSearchParams(new FormData(form, button));
    const answer = await fetch(button?.getAttribute("formaction") || form.action, { method: "POST", body });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const main = page.querySelector("main");
    document.querySelector("main").replaceWith(main);
    document.title = page.title;
    if (answer.redirected) history.replaceState(null, "", answer.url);
    say("");
    main.querySelector("h1").focus();
    scrollTo(0, 0);
  } catch {
    form.removeAttribute("aria-busy");
    say(said.dataset.lost);
  }
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-enhance] .step button");
  if (button && step(button)) event.preventDefault();
});
document.addEventListener("submit", (event) => {
  if (!event.target.matches("[data-enhance]")) return;
  event.preventDefault();
  if (!event.target.hasAttribute("aria-busy")) send(event.target, event.submitter);
});
