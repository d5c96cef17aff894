// Hears what the view pushes.

export const Bell = {
  mounted() {
    this.handleEvent("ring", ({ times }) => say(this.el, times));
  },
};

// The same without a hook: every pushed event is an event of the window, too.
export function watchBell() {
  window.addEventListener("phx:ring", ({ detail }) => {
    const bell = document.getElementById("window-bell");
    if (bell) say(bell, detail.times);
  });
}

function say(element, times) {
  element.querySelector("b").textContent = times === 1 ? "1 ring" : `${times} rings`;
}
