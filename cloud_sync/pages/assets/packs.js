// Plus and minus of an order as look-ups in the till's own table. All works without it.
"use strict";

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
  const { cost, out } = cells(row);
  say(`${line.querySelector("h2").textContent}: ${row.dataset.row} ${words("saidPacks")}, ${cost}, ${words("out")} ${out}`, { seen: false });
  total(button.form);
  return true;
}

function cells(row) {
  return Object.fromEntries([...row.querySelectorAll("[data-is]")].map((cell) => [cell.dataset.is, cell.textContent]));
}

function total(form) {
  const rows = [...form.querySelectorAll("tr[aria-current]")];
  const places = Number(form.dataset.decimals);
  const sum = rows.reduce((all, row) => all + Number(row.dataset.cost), 0);
  form.querySelector("[data-of=total]").textContent = money(sum / 10 ** places, places, form.dataset.symbol);
}

function money(sum, places, symbol) {
  const german = document.documentElement.lang === "de";
  const figure = sum.toLocaleString(german ? "de" : "en", { minimumFractionDigits: places, maximumFractionDigits: places });
  return german ? `${figure} ${symbol.trim()}` : symbol + figure;
}

document.addEventListener("click", (event) => {
  const button = event.target.closest(".step button");
  if (button && step(button)) event.preventDefault();
});
