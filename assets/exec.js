// Carries out commands that stand in an attribute of the page, when a view asks for it: `js::push_exec` (live/js.hpp).

export function answerExec(liveSocket) {
  window.addEventListener("phx:js-exec", ({ detail: { to, attr } }) => {
    for (const element of document.querySelectorAll(to)) {
      const commands = element.getAttribute(attr);
      if (commands) liveSocket.execJS(element, commands);
    }
  });
}
