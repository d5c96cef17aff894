// How far the reader is from the host: the time an event and its answer take, measured where it is felt.
//
//   <span id="reader-latency" phx-hook="Latency" phx-update="ignore">–</span>
//
// The view answers "ping". While nobody looks at the page, nothing is sent.

const PAUSE_MS = 2_000;
const KEPT = 5; // The median of so many is shown: a single one says little.

export const Latency = {
  mounted() {
    this.measured = [];
    this.soon = setTimeout(() => this.measure(), 200);
    this.again = setInterval(() => this.measure(), PAUSE_MS);
  },

  destroyed() {
    clearTimeout(this.soon);
    clearInterval(this.again);
  },

  // What was measured over the old connection says nothing about the next.
  disconnected() {
    this.measured = [];
    this.el.textContent = "–";
  },

  measure() {
    if (document.hidden || !this.liveSocket.isConnected()) return;
    const asked = performance.now();
    this.pushEvent("ping", {}, () => {
      this.measured = [...this.measured, performance.now() - asked].slice(-KEPT);
      const sorted = [...this.measured].sort((a, b) => a - b);
      this.el.textContent = inWords(sorted[Math.floor(sorted.length / 2)]);
    });
  },
};

function inWords(ms) {
  return `${ms < 9.95 ? ms.toFixed(1) : Math.round(ms)} ms`;
}
