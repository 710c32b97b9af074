// The reader's own choice of light or dark, kept on this device. Loaded render-blocking, so that nothing flashes.
const root = document.documentElement;
const dark = matchMedia("(prefers-color-scheme: dark)");

function kept() {
  try {
    return localStorage.getItem("theme");
  } catch {
    return null;
  }
}

function keep(theme) {
  try {
    theme ? localStorage.setItem("theme", theme) : localStorage.removeItem("theme");
  } catch {
    // Without storage the choice lasts as long as the page.
  }
}

function preferred() {
  return dark.matches ? "dark" : "light";
}

function show(theme) {
  if (theme === "light" || theme === "dark") root.dataset.theme = theme;
  else delete root.dataset.theme;
}

function name(button) {
  const words = (root.dataset.theme ?? preferred()) === "dark" ? button.dataset.toLight : button.dataset.toDark;
  button.setAttribute("aria-label", words);
  button.title = words;
}

function prepare(button) {
  button.hidden = false;
  name(button);
  dark.addEventListener("change", () => name(button));
  addEventListener("storage", () => {
    show(kept());
    name(button);
  });
  button.addEventListener("click", () => {
    const next = (root.dataset.theme ?? preferred()) === "dark" ? "light" : "dark";
    const own = next === preferred() ? null : next;
    show(own);
    keep(own);
    name(button);
  });
}

show(kept());
addEventListener("DOMContentLoaded", () => document.querySelectorAll("[data-theme-switch]").forEach(prepare));
