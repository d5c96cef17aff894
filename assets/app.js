// The browser side of every page: one socket, shared by all live views.

import { Socket } from "phoenix";
import { LiveSocket } from "phoenix_live_view";
import { hooks } from "./hooks.js";
import { watchConnection } from "./connection.js";
import { showProgress } from "./progress.js";

const csrfToken = document.querySelector("meta[name='csrf-token']")?.content;

const liveSocket = new LiveSocket("/live", Socket, {
  params: { _csrf_token: csrfToken },
  hooks,
});

showProgress();
watchConnection();
liveSocket.connect(); // Does nothing on a page without a live view.

// For the console: liveSocket.enableDebug(), liveSocket.enableLatencySim(1000), liveSocket.disableLatencySim().
window.liveSocket = liveSocket;
