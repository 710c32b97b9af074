// While a text is written the page tells what it says. Without this, the Check button does the same.
const REST_MS = 500;
const form = document.querySelector("[data-told-by]");

let waiting;
let asking;

function show(html) {
  const told = new DOMParser().parseFromString(html, "text/html");
  for (const piece of told.querySelectorAll("[data-live]")) {
    const place = document.querySelector(`[data-live="${piece.dataset.live}"]`);
    if (place && place.innerHTML !== piece.innerHTML) {
      place.replaceChildren(...piece.childNodes);
    }
  }
}

async function ask() {
  asking?.abort();
  asking = new AbortController();
  try {
    const answer = await fetch(form.dataset.toldBy, {
      method: "POST",
      body: new URLSearchParams(new FormData(form)),
      signal: asking.signal,
    });
    if (!answer.ok) {
      throw new Error(answer.statusText);
    }
    show(await answer.text());
    delete form.dataset.unheard;
  } catch (error) {
    if (error.name !== "AbortError") {
      form.dataset.unheard = ""; // the page says that what stands beside the text is older than it
    }
  }
}

form?.addEventListener("input", () => {
  clearTimeout(waiting);
  waiting = setTimeout(ask, REST_MS);
});
