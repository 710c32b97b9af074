// The page keeps itself fresh: it asks with the tag it has, exchanges only what changed, and says how old it is.
import { morph } from "./morph.js";

const EVERY_MS = 15_000;
const live = document.querySelector("[data-refresh]");
const silent = document.querySelector("[data-silent]");
const ago = new Intl.RelativeTimeFormat(document.documentElement.dataset.locale, { style: "short" });
let tag = null;
let fresh = Date.now();

function exchange(html) {
  const page = new DOMParser().parseFromString(html, "text/html");
  const next = page.querySelector("[data-refresh]");
  if (!next) return;
  const focused = document.activeElement;
  const name = focused.id ? `#${CSS.escape(focused.id)}` : `[href="${CSS.escape(focused.getAttribute("href") ?? "")}"]`;
  document.title = page.title;
  morph(live, next);
  if (!focused.isConnected) live.querySelector(name)?.focus({ preventScroll: true });
  document.dispatchEvent(new Event("portal:refreshed"));
}

async function ask() {
  if (document.hidden) return;
  try {
    const headers = tag ? { "If-None-Match": tag } : {};
    const answer = await fetch(location.href, { headers, cache: "no-store", redirect: "error" });
    if (answer.headers.has("Age") || !(answer.ok || answer.status === 304)) return;
    if (answer.status !== 304) exchange(await answer.text());
    tag = answer.headers.get("ETag") ?? tag;
    fresh = Date.now();
  } catch {
    // The banner says so when it lasts.
  }
  tell();
}

function tell() {
  const seconds = Math.floor((Date.now() - fresh) / 1000);
  const words = ago.format(...(seconds < 60 ? [-seconds, "second"] : [-Math.floor(seconds / 60), "minute"]));
  for (const place of document.querySelectorAll("[data-age]")) place.textContent = place.dataset.age.replace("{}", words);
  silent.hidden = seconds * 1000 < Number(silent.dataset.silent);
}

setInterval(ask, EVERY_MS);
setInterval(tell, 1000);
document.addEventListener("visibilitychange", ask);
