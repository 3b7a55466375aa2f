// An open page follows its shop: told that something changed, it asks for itself again. All works without it.
"use strict";
const STILL_MS = 5_000, AGAIN_MS = 15_000;
const { shop, mark } = document.currentScript.dataset;
const BUSY = "main :focus:not(h1), main details[open], [aria-busy], [data-outcome]";
let waiting = false, missed = false, line, quiet, next;

async function renew() {
  missed = waiting || document.hidden || document.querySelector(BUSY) !== null;
  if (missed) return;
  waiting = true;
  try {
    const answer = await fetch(location.href, { headers: { "X-By-Itself": "yes" } });
    if (new URL(answer.url).pathname === "/sign-in") return location.assign(answer.url);
    if (!answer.ok || answer.redirected) return;
    const page = parse(await answer.text());
    for (const part of ["main", "header"]) document.querySelector(part).replaceWith(page.querySelector(part));
  } catch {
    // The line says so, and tells again when it is back.
  } finally {
    waiting = false;
  }
  catchUp();
}

// What was told while the owner typed or looked elsewhere is shown once that is over.
function catchUp() {
  if (missed) setTimeout(renew);
}

// A line that breaks comes back by itself; one that was refused (a service that starts again) is asked for later.
function follow() {
  clearTimeout(next);
  line = new EventSource(`/live?shop=${shop}&seen=${mark}`);
  line.addEventListener("changed", renew);
  line.addEventListener("open", lineOpened);
  line.addEventListener("error", lineBroke);
}

function lineOpened() {
  clearTimeout(quiet);
  if (quiet === null) say("");
  quiet = undefined;
}

function lineBroke() {
  if (quiet === undefined) quiet = setTimeout(still, STILL_MS);
  if (line.readyState === EventSource.CLOSED) next = setTimeout(again, AGAIN_MS * (1 + Math.random()));
}

function still() {
  quiet = null;
  say(words("still"));
}

async function again() {
  if (line.readyState !== EventSource.CLOSED) return;
  await renew();
  follow();
}

follow();
document.addEventListener("visibilitychange", () => document.hidden || renew());
document.addEventListener("focusout", catchUp);
document.addEventListener("toggle", catchUp, true);
addEventListener("online", again);
addEventListener("pageshow", (event) => event.persisted && again());
addEventListener("pagehide", () => line.close());
