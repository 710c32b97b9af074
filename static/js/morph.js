// Makes a part of the page what a fresh copy of it is, and leaves alone every node that need not change.
const sign = (node) => (node.nodeType === 1 ? `${node.nodeName}#${node.id}.${node.getAttribute("class")}` : node.nodeName);

function partner(place, fresh) {
  if (fresh.nodeType !== 1) return place && sign(place) === sign(fresh) ? place : null;
  let found = place;
  while (found && sign(found) !== sign(fresh)) found = found.nextSibling;
  return found;
}

function rename(old, next) {
  for (const { name } of [...old.attributes]) if (name !== "open" && !next.hasAttribute(name)) old.removeAttribute(name);
  for (const { name, value } of next.attributes) if (name !== "open") old.setAttribute(name, value);
}

export function morph(old, next) {
  const { ready, days, last } = old.dataset ?? {};
  if (old.isEqualNode(next) || (ready && days === next.dataset?.days && last === next.dataset.last)) return;
  if (old.nodeType !== 1) {
    old.nodeValue = next.nodeValue;
    return;
  }
  rename(old, next);
  let place = old.firstChild;
  for (const fresh of [...next.childNodes]) {
    const found = partner(place, fresh);
    if (!found) {
      old.insertBefore(fresh, place);
      continue;
    }
    while (place !== found) {
      const gone = place;
      place = place.nextSibling;
      gone.remove();
    }
    place = place.nextSibling;
    morph(found, fresh);
  }
  while (place) {
    const gone = place;
    place = place.nextSibling;
    gone.remove();
  }
}
