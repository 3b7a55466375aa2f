// What is left of a drop's time, counted down; without this the page says it as of when it was made.
"use strict";
const made = performance.now(), two = n => String(n).padStart(2, "0");
function left(ms) {
  const s = Math.max(0, Math.floor(ms / 1000)), days = Math.floor(s / 86400);
  return (days ? `${days} d ` : "") + [Math.floor(s / 3600) % 24, Math.floor(s / 60) % 60, s % 60].map(two).join(":");
}
function tick() {
  for (const one of document.querySelectorAll("[data-left]")) one.textContent = left(one.dataset.left - performance.now() + made);
}
tick();
setInterval(tick, 1000);
