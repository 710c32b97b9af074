// The timeline of a working zooms in place: its links without a new page, keys, and a stretch drawn with the pointer.
const KEYS = { "+": "in", "=": "in", "-": "out", ArrowLeft: "earlier", ArrowRight: "later", 0: "all" };
const SHORTEST_S = 60;
const iso = (second) => new Date(second * 1000).toISOString().replace(".000Z", "Z");

async function show(section, href) {
  const answer = await fetch(href, { headers: { Accept: "text/html" } });
  if (!answer.ok) return location.assign(href);
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.getElementById(section.id);
  if (!fresh) return location.assign(href);
  const { activeElement } = document;
  const name = section.contains(activeElement) ? activeElement.dataset.zoom : undefined;
  section.replaceChildren(...fresh.childNodes);
  history.replaceState(null, "", href);
  const holder = section.querySelector("[data-strip-holder]");
  (section.querySelector(`[data-zoom="${name}"]`) ?? holder).focus({ preventScroll: true });
}

function second(strip, event) {
  const { left, width } = strip.getBoundingClientRect();
  const share = Math.min(Math.max((event.clientX - left) / width, 0), 1);
  return Number(strip.dataset.from) + share * (strip.dataset.until - strip.dataset.from);
}

function draw(section, strip, event) {
  const from = second(strip, event);
  strip.setPointerCapture(event.pointerId);
  strip.addEventListener("pointerup", (end) => {
    const [start, until] = [from, second(strip, end)].sort((a, b) => a - b).map(Math.round);
    if (until - start < SHORTEST_S) return;
    const target = new URL(location.href);
    target.searchParams.set("from", iso(start));
    target.searchParams.set("until", iso(until));
    target.hash = section.id;
    show(section, target.href);
  }, { once: true });
}

for (const section of document.querySelectorAll("[data-zoomable]")) {
  section.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-zoom]");
    if (!link || event.metaKey || event.ctrlKey || event.shiftKey || event.button) return;
    event.preventDefault();
    show(section, link.href);
  });
  section.addEventListener("keydown", (event) => {
    const link = section.querySelector(`a[data-zoom="${KEYS[event.key]}"]`);
    if (!link || !event.target.closest("[data-strip-holder]") || event.metaKey || event.ctrlKey || event.altKey) return;
    event.preventDefault();
    show(section, link.href);
  });
  section.addEventListener("pointerdown", (event) => {
    const strip = event.target.closest("[data-strip]");
    if (strip && event.isPrimary && !event.button) draw(section, strip, event);
  });
}
