// Sends the number in its form to the view and shows the reply.

export const Ask = {
  mounted() {
    this.el.addEventListener("submit", (event) => {
      event.preventDefault();
      const number = Number(this.el.elements.number.value);
      this.pushEvent("factors", { number }, ({ answer, error }) => {
        document.getElementById("ask-answer").textContent = answer ?? error;
      });
    });
  },
};
