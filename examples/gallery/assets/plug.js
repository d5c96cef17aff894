// Pulls the plug of this page for a moment: `js::dispatch("gallery:unplug")`.

const AWAY_MS = 3000;

export function watchPlug(liveSocket) {
  window.addEventListener("gallery:unplug", () => {
    liveSocket.disconnect();
    setTimeout(() => liveSocket.connect(), AWAY_MS);
  });
}
