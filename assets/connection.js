// Tells the reader when the page has lost its server, and when it is back.
//
// The client sets phx-client-error (no connection) or phx-server-error (the view crashed) on the view's element. A short
// gap, such as a restart of the server, passes unnoticed; a longer one shows the banner, read out by screen readers.

const PATIENCE_MS = 1_500; // The client mounts a crashed view anew after 1 s: who loses nothing need not be told.
const texts = {
  "phx-client-error": "Connection lost. Trying to reach the server …",
  "phx-server-error": "Something went wrong here. Trying again …",
};

export function watchConnection() {
  if (!document.querySelector("[data-phx-main]")) return;
  const banner = makeBanner();
  let timer;
  const show = () => {
    const text = troubleText();
    banner.hidden = !text;
    if (banner.textContent !== text) banner.textContent = text;
  };
  const look = () => {
    clearTimeout(timer);
    // An open banner follows at once, in both directions; a closed one waits.
    if (!banner.hidden || !troubleText()) show();
    else timer = setTimeout(show, PATIENCE_MS);
  };
  let last = "";
  new MutationObserver(() => {
    const text = troubleText();
    if (text === last) return; // Most class changes are about something else.
    last = text;
    look();
  }).observe(document.body, { attributes: true, attributeFilter: ["class"], subtree: true });
}

// Navigation may replace the view's element, so it is looked up each time.
function troubleText() {
  const view = document.querySelector("[data-phx-main]");
  const name = Object.keys(texts).find((each) => view?.classList.contains(each));
  return name ? texts[name] : "";
}

// Outside the view, so that no patch removes it.
function makeBanner() {
  const banner = document.createElement("p");
  banner.id = "connection";
  banner.setAttribute("role", "status");
  banner.setAttribute("aria-live", "polite");
  banner.hidden = true;
  document.body.append(banner);
  return banner;
}
