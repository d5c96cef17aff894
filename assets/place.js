// Who sends a form by keyboard stays on its button.
//
// The client disables the button until the server has answered, and a patch may move the form: a browser takes the focus
// from what is disabled or moved, and does not give it back. The next key would then begin at the top of the page.

export function keepPlace() {
  document.addEventListener("submit", ({ submitter }) => {
    if (submitter && submitter === document.activeElement) stayOn(submitter);
  }, true); // Before the client.
}

/// Until the reader does something, or is led elsewhere.
function stayOn(button) {
  const ending = new AbortController();
  const options = { capture: true, signal: ending.signal };
  const goBack = () => {
    if (ending.signal.aborted || document.activeElement === button || button.disabled) return;
    if (document.activeElement === document.body && button.isConnected) button.focus({ preventScroll: true });
    else leave();
  };
  const observer = new MutationObserver(goBack);
  const leave = () => {
    observer.disconnect();
    ending.abort();
  };
  for (const act of ["keydown", "pointerdown", "submit"]) document.addEventListener(act, leave, options);
  // A moment later, as who moves an element may look after the focus.
  button.addEventListener("focusout", () => requestAnimationFrame(goBack), options);
  observer.observe(button, { attributes: true, attributeFilter: ["disabled"] });
}
