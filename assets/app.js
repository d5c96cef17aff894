// The browser side of every page: one socket, shared by all live views.

import { LiveSocket } from "phoenix_live_view";
import { announceArrivals } from "./arrival.js";
import { hooks } from "./hooks.js";
import { watchConnection } from "./connection.js";
import { answerExec } from "./exec.js";
import { keepPlace } from "./place.js";
import { showProgress } from "./progress.js";
import { WatchfulSocket } from "./watchful_socket.js";

const csrfToken = document.querySelector("meta[name='csrf-token']")?.content;

const liveSocket = new LiveSocket("/live", WatchfulSocket, {
  params: { _csrf_token: csrfToken },
  hooks,
});

showProgress();
watchConnection();
announceArrivals();
keepPlace();
answerExec(liveSocket);
liveSocket.connect(); // Does nothing on a page without a live view.

// For the console: liveSocket.enableDebug(), liveSocket.enableLatencySim(1000), liveSocket.disableLatencySim().
window.liveSocket = liveSocket;
