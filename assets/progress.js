// A thin bar at the top while a page loads or a form is sent, but not for what is over in a blink.

import topbar from "topbar";

const PATIENCE_MS = 200;

export function showProgress() {
  const style = getComputedStyle(document.documentElement);
  const colour = style.getPropertyValue("--accent").trim() || "#0b6bcb";
  topbar.config({ barColors: { 0: colour }, barThickness: 2, shadowBlur: 0 });
  window.addEventListener("phx:page-loading-start", () => topbar.show(PATIENCE_MS));
  window.addEventListener("phx:page-loading-stop", () => topbar.hide());
}
