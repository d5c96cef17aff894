// Counts what is dispatched to its element.

export const Pong = {
  mounted() {
    this.heard = 0;
    this.el.addEventListener("gallery:ping", ({ detail }) => {
      this.heard += detail.by;
      this.el.querySelector("b").textContent = String(this.heard);
    });
  },
};
