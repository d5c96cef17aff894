// The browser's side of the gallery: one socket, shared by all live views, and what they share with other sites.

import { LiveSocket } from "phoenix_live_view";
import { watchConnection } from "../../../assets/connection.js";
import { answerExec } from "../../../assets/exec.js";
import { showProgress } from "../../../assets/progress.js";
import { WatchfulSocket } from "../../../assets/watchful_socket.js";
import { hooks } from "./hooks.js";
import { watchBell } from "./hooks/bell.js";
import { watchPlug } from "./plug.js";

const csrfToken = document.querySelector("meta[name='csrf-token']")?.content;

const liveSocket = new LiveSocket("/live", WatchfulSocket, {
  params: { _csrf_token: csrfToken },
  hooks,
});

showProgress();
watchConnection();
answerExec(liveSocket);
watchBell();
watchPlug(liveSocket);
liveSocket.connect();

// For the console: liveSocket.enableDebug(), liveSocket.enableLatencySim(1000), liveSocket.disableLatencySim().
window.liveSocket = liveSocket;
