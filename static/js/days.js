// Bars of days: the day under the pointer or the arrow keys is named, and a click or Enter opens its working.
const SVG = "http://www.w3.org/2000/svg";
const { locale } = document.documentElement.dataset;

function words(look) {
  const legend = document.querySelector(".legend");
  return look === "h" ? legend.dataset.h : (legend.querySelector(`[data-look="${look}"]`)?.innerText.trim() ?? "");
}

function dateOf({ last, days }, place) {
  const day = new Date(`${last}T12:00:00Z`);
  day.setUTCDate(day.getUTCDate() - (days.length - 1 - place));
  return day;
}

function prepare(link) {
  if (link.dataset.ready) return;
  link.dataset.ready = "yes";
  const svg = link.querySelector("svg");
  const count = link.dataset.days.length;
  const home = link.getAttribute("href");
  const wide = svg.viewBox.baseVal.width / count;
  const tip = link.appendChild(Object.assign(document.createElement("span"), { className: "day-tip", hidden: true }));
  const here = document.createElementNS(SVG, "rect");
  let place = count - 1;
  tip.setAttribute("role", "status");
  here.setAttribute("class", "here");
  const show = (next) => {
    place = Math.max(0, Math.min(count - 1, next));
    const day = dateOf(link.dataset, place);
    const written = day.toLocaleDateString(locale, { dateStyle: "long", timeZone: "UTC" });
    link.href = `${home}/days/${day.toISOString().slice(0, 10)}`;
    tip.textContent = `${written}: ${words(link.dataset.days[place])}`;
    tip.style.setProperty("--at", `${((place + 0.5) / count) * link.clientWidth - 105}px`);
    tip.hidden = false;
    const edges = { x: wide * place, y: 0, width: wide, height: svg.viewBox.baseVal.height };
    for (const [name, value] of Object.entries(edges)) here.setAttribute(name, value);
    svg.append(here);
  };
  const hide = () => {
    tip.hidden = true;
    here.remove();
    link.href = home;
  };
  const under = ({ clientX }) => show(Math.floor(((clientX - link.getBoundingClientRect().left) / link.clientWidth) * count));
  const steps = { ArrowLeft: () => place - 1, ArrowRight: () => place + 1, Home: () => 0, End: () => count - 1 };
  for (const kind of ["pointermove", "pointerdown"]) link.addEventListener(kind, under);
  link.addEventListener("pointerleave", () => link.matches(":focus-visible") || hide());
  link.addEventListener("focus", () => link.matches(":focus-visible") && show(place));
  link.addEventListener("blur", hide);
  link.addEventListener("keydown", (event) => {
    if (!(event.key in steps)) return;
    event.preventDefault();
    show(steps[event.key]());
  });
}

const all = () => document.querySelectorAll("[data-days]").forEach(prepare);
all();
document.addEventListener("portal:refreshed", all);
