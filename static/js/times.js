// Beside a time in a named zone, its own or the page's, stands the reader's own, where the two differ.
const { dataset } = document.documentElement;
const HOUR = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
const DAY = { day: "numeric", month: "short" };
const written = (instant, parts, timeZone) => new Intl.DateTimeFormat(dataset.locale, { ...parts, timeZone }).format(instant);

function own(instant, zone) {
  const isSame = (parts) => written(instant, parts) === written(instant, parts, zone);
  if (!isSame(DAY)) return written(instant, { ...DAY, ...HOUR });
  return isSame(HOUR) ? "" : written(instant, HOUR);
}

function beside(time) {
  const text = own(new Date(time.dateTime), time.dataset.yours || dataset.zone);
  if (time.dataset.shown || !text) return;
  time.dataset.shown = "yes";
  const words = Object.assign(document.createElement("span"), { className: "yours" });
  words.textContent = ` (${dataset.yours.replace("{}", text)})`;
  time.append(words);
}

const all = () => document.querySelectorAll("time[data-yours]").forEach(beside);
all();
document.addEventListener("portal:refreshed", all);
