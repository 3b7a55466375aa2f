// An open page follows its shop: told that something changed, it asks for itself again. All works without it.
"use strict";
let waiting = false, missed = false;

async function renew() {
  const busy = document.querySelector("main :focus, main details[open], [aria-busy]");
  missed = waiting || document.hidden || busy !== null;
  if (missed) return;
  waiting = true;
  try {
    const answer = await fetch(location.href);
    if (!answer.ok || answer.redirected) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const part of ["main", "header"]) document.querySelector(part).replaceWith(page.querySelector(part));
  } finally {
    waiting = false;
  }
  catchUp();
}

// What was told while the owner typed or looked elsewhere is shown once that is over.
function catchUp() {
  if (missed) setTimeout(renew);
}

const { shop, mark } = document.currentScript.dataset;
const line = new EventSource(`/live?shop=${shop}&seen=${mark}`);
line.addEventListener("changed", renew);
document.addEventListener("visibilitychange", () => document.hidden || renew());
document.addEventListener("focusout", catchUp);
document.addEventListener("toggle", catchUp, true);
addEventListener("pagehide", () => line.close());
