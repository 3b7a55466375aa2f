// The owner's forms without a page load, so that nothing typed is lost when an answer does not come. All works without it.
"use strict";
const OWN = "main:not(.door, .public) form[method=post], [data-enhance], [data-kept]";
const words = (name) => document.getElementById("said")?.dataset[name];
const parse = (text) => new DOMParser().parseFromString(text, "text/html");

// Beside the button that sticks to the foot of a page, so that it hides nothing.
function place() {
  document.querySelector(".bar")?.prepend(document.getElementById("said"));
}

function say(text, { seen = true, to = "", link = "" } = {}) {
  const said = document.getElementById("said");
  if (!said) return;
  said.className = seen ? "" : "away";
  said.textContent = text;
  if (to) said.append(" ", Object.assign(document.createElement("a"), { href: to, target: "_blank", textContent: link }));
}

function saySignedOut() {
  say(words("signedOut"), { to: "/sign-in", link: words("signIn") });
}

async function post(form, button) {
  const data = new FormData(form, button);
  const body = form.getAttribute("enctype") ? data : new URLSearchParams(data);
  const answer = await fetch(button?.getAttribute("formaction") || form.getAttribute("action") || location.href, { method: "POST", body });
  const page = parse(await answer.text());
  const main = page.querySelector("main");
  const refused = !answer.ok && main.matches(".door") && !main.querySelector("form");
  return { answer, page, main, refused };
}

// Who has signed in once more meanwhile has another token: the form goes on under that.
async function renewed() {
  const token = parse(await (await fetch(location.href)).text()).querySelector("[name=csrf]")?.value;
  for (const one of document.querySelectorAll("[name=csrf]")) one.value = token ?? one.value;
  return Boolean(token);
}

async function send(form, button) {
  let got;
  form.setAttribute("aria-busy", "true");
  try {
    got = await post(form, button);
    if (got.refused && got.answer.status === 403 && (await renewed())) got = await post(form, button);
  } catch {
    got = null;
  }
  form.removeAttribute("aria-busy");
  if (got) return arrive(form, got);
  if (form.matches("[data-enhance]")) return say(words("lost"));
  say(words("unsure"), { to: location.href, link: words("look") });
}

// What came stands in the place of the page; the form stays where what came holds nothing of it.
function arrive(form, { answer, page, main, refused }) {
  const at = new URL(answer.url).pathname;
  const typed = form.querySelector("input:not([type=hidden]), select, textarea");
  if (answer.redirected && at === "/sign-in" && typed) return saySignedOut();
  if (refused) return say([...main.querySelectorAll("h1, h1 ~ p:not(:has(a))")].map((one) => one.textContent).join(": "));
  if (answer.redirected && at !== location.pathname) return location.assign(answer.url);
  document.title = page.title;
  document.documentElement.lang = page.documentElement.lang;
  document.body.replaceWith(document.adoptNode(page.body));
  document.body.toggleAttribute("data-outcome", !answer.redirected);
  place();
  if (answer.redirected) history.replaceState(null, "", answer.url);
  const first = document.querySelector("main [autofocus]") ?? document.querySelector("main h1");
  if (first?.localName === "h1") first.tabIndex = -1;
  first?.focus();
  scrollTo(0, 0);
}

place();
document.addEventListener("click", (event) => {
  if (navigator.onLine || !event.target.closest("a[href]:not([href^='#'])")) return;
  event.preventDefault();
  say(words("away"));
});
document.addEventListener("submit", (event) => {
  const form = event.target;
  const posts = form.getAttribute("method") === "post";
  const ours = form.matches(OWN);
  if (navigator.onLine && !ours) return;
  event.preventDefault();
  if (!navigator.onLine) return say(words(posts ? "offline" : "away"));
  if (!form.hasAttribute("aria-busy")) send(form, event.submitter);
});
addEventListener("offline", () => say(words("away")));
addEventListener("online", () => say(""));
