// Stands at an end of a list in a box that scrolls. While it is in sight, or nearly, it asks the view for more: pushes
// the event in data-event until the reply says `done`. One question at a time.

const AHEAD = "300px";

export const Sentinel = {
  mounted() {
    this.isNear = false;
    this.isWaiting = false;
    this.observer = new IntersectionObserver(
      ([entry]) => {
        this.isNear = entry.isIntersecting;
        this.ask();
      },
      { root: this.el.parentElement, rootMargin: `${AHEAD} 0px` },
    );
    this.observer.observe(this.el);
  },
  reconnected() {
    this.isWaiting = false; // The question was lost with the connection.
    this.ask();
  },
  destroyed() {
    this.observer.disconnect();
  },
  ask() {
    if (!this.isNear || this.isWaiting) return;
    this.isWaiting = true;
    this.pushEvent(this.el.dataset.event, {}, ({ done }) => {
      this.isWaiting = false;
      // Whether it is still in sight is known once the new rows have their places.
      if (!done) requestAnimationFrame(() => requestAnimationFrame(() => this.ask()));
    });
  },
};
