// While a text is written the page tells what it says and what it would have paid. Without this, Check does the same.
const form = document.querySelector("[data-told-by]");
const unheard = new Set();

function show(html) {
  const told = new DOMParser().parseFromString(html, "text/html");
  for (const piece of told.querySelectorAll("[data-live]")) {
    const place = document.querySelector(`[data-live="${piece.dataset.live}"]`);
    if (place && place.innerHTML !== piece.innerHTML) {
      place.replaceChildren(...piece.childNodes);
    }
  }
}

function asker(address, restMs) {
  let waiting;
  let asking;
  async function ask() {
    asking?.abort();
    asking = new AbortController();
    try {
      const answer = await fetch(address, {
        method: "POST",
        body: new URLSearchParams(new FormData(form)),
        signal: asking.signal,
      });
      if (!answer.ok) {
        throw new Error(answer.statusText);
      }
      show(await answer.text());
      unheard.delete(address);
    } catch (error) {
      if (error.name === "AbortError") {
        return;
      }
      unheard.add(address);
    }
    form.toggleAttribute("data-unheard", unheard.size > 0); // what stands beside the text is older than it
  }
  form.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(ask, restMs);
  });
  return ask;
}

if (form) {
  asker(form.dataset.toldBy, 500);
  asker(form.dataset.paidBy, 1500)(); // twelve months are judged: only in a longer pause, and once at the beginning
}
