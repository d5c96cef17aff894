// What a page load does by itself, and live navigation does not: the focus moves to the new page, and screen readers say
// its title.
//
// The client tells when it sets out and when the address has changed, but not when a page is there that the reader went
// back to. It puts a new element in the place of the old one then, which is what is looked for.

export function announceArrivals() {
  const said = makeAnnouncer();
  new MutationObserver((changes) => {
    const added = changes.flatMap(({ addedNodes }) => [...addedNodes]);
    // The title is set a moment later.
    if (added.some(isPage)) requestAnimationFrame(() => arrive(said));
  }).observe(document.body, { childList: true });
}

function isPage(node) {
  return node instanceof Element && node.matches("[data-phx-main]");
}

function arrive(said) {
  // Whoever follows a link to a place within a page wants to be there.
  if (!location.hash) document.querySelector("main")?.focus({ preventScroll: true });
  said.textContent = document.title;
}

// Outside the view, so that no patch removes it.
function makeAnnouncer() {
  const said = document.createElement("p");
  said.id = "arrival";
  said.className = "visually-hidden";
  said.setAttribute("role", "status");
  said.setAttribute("aria-live", "polite");
  document.body.append(said);
  return said;
}
