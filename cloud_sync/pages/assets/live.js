// An open page follows its shop: told that something changed, it asks for itself again. All works without it.
"use strict";
let waiting = false;

async function renew() {
  if (waiting || document.hidden || document.querySelector("main :focus, main details[open], [aria-busy]")) return;
  waiting = true;
  try {
    const answer = await fetch(location.href);
    if (!answer.ok || answer.redirected) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const part of ["main", "header"]) document.querySelector(part).replaceWith(page.querySelector(part));
  } finally {
    waiting = false;
  }
}

const line = new EventSource(`/live?shop=${document.currentScript.dataset.shop}`);
line.addEventListener("changed", renew);
document.addEventListener("visibilitychange", () => document.hidden || renew());
addEventListener("pagehide", () => line.close());
