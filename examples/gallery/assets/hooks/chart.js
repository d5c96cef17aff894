// Draws the points that the view pushes; the newest POINTS_MAX of them. The view neither keeps nor renders any. How many
// came is written on the canvas: the data attributes of its box are the server's, even where the rest is left alone.

const POINTS_MAX = 64;

export const Chart = {
  mounted() {
    this.points = [];
    this.canvas = this.el.querySelector("canvas");
    this.dark = window.matchMedia("(prefers-color-scheme: dark)");
    this.redraw = () => draw(this.canvas, this.points);
    this.dark.addEventListener("change", this.redraw);
    this.handleEvent("point", ({ value }) => {
      this.points = [...this.points, value].slice(-POINTS_MAX);
      this.canvas.dataset.points = String(Number(this.canvas.dataset.points ?? 0) + 1);
      this.redraw();
    });
    this.redraw();
  },
  destroyed() {
    this.dark.removeEventListener("change", this.redraw);
  },
};

function draw(canvas, points) {
  const style = getComputedStyle(canvas);
  const { width, height } = canvas;
  const margin = 6;
  const at = (value, index) => [
    margin + (index * (width - 2 * margin)) / (POINTS_MAX - 1),
    height - margin - (value * (height - 2 * margin)) / 100,
  ];
  const context = canvas.getContext("2d");
  context.clearRect(0, 0, width, height);
  context.strokeStyle = style.getPropertyValue("--line");
  context.lineWidth = 1;
  for (const level of [0, 50, 100]) {
    const [, y] = at(level, 0);
    context.strokeRect(margin, y, width - 2 * margin, 0);
  }
  if (points.length === 0) return;
  context.strokeStyle = context.fillStyle = style.getPropertyValue("--accent");
  context.lineWidth = 3;
  context.lineJoin = context.lineCap = "round";
  context.beginPath();
  points.forEach((value, index) => context.lineTo(...at(value, index)));
  context.stroke();
  context.beginPath();
  context.arc(...at(points.at(-1), points.length - 1), 5, 0, 2 * Math.PI);
  context.fill();
}
