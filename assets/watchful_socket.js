// A socket that notices when its server has gone silent, and gives up the connection rather than the page.
//
// Phoenix's heartbeat needs up to a minute to notice. LiveView meanwhile gives an event 30 s to be answered and then loads
// the page anew: without a network that is the browser's error page, and what was typed is gone. So an event that is not
// answered in time makes the socket ask whether the server is there at all. If it is not, the socket connects anew, as
// after any lost connection, and events that were lost with the old one are no reason to load anything.
//
// Only documented calls of Phoenix's client are used; it stays as it is.

import { Socket } from "phoenix";

const ANSWER_MS = 5_000; // An event unanswered for so long makes us ask ...
const PONG_MS = 10_000; // ... and the question may remain unanswered for so long: a busy line is no dead line.

export class WatchfulSocket extends Socket {
  constructor(...args) {
    super(...args);
    this.onOpen(() => this.endQuestion());
    this.onClose(() => this.endQuestion());
    // The old connection went through a network that may be gone.
    window.addEventListener("online", () => this.question());
  }

  channel(topic, params) {
    const channel = super.channel(topic, params);
    const push = channel.push.bind(channel);
    let losses = 0;
    channel.onError(() => (losses += 1));
    channel.push = (...args) => {
      const sent = push(...args);
      const lossesBefore = losses;
      const isCurrent = () => losses === lossesBefore;
      const impatience = setTimeout(() => isCurrent() && this.question(), ANSWER_MS);
      const receive = sent.receive.bind(sent);
      for (const status of ["ok", "error", "timeout"]) receive(status, () => clearTimeout(impatience));
      sent.receive = (status, callback) =>
        receive(status, status === "timeout" ? (response) => isCurrent() && callback(response) : callback);
      return sent;
    };
    return channel;
  }

  /// Asks the server for a sign of life; without one, connects anew.
  question() {
    if (this.asked || !this.ping(() => this.endQuestion())) return;
    this.asked = setTimeout(() => {
      this.asked = undefined;
      if (this.isConnected()) this.disconnect(() => this.connect());
    }, PONG_MS);
  }

  endQuestion() {
    clearTimeout(this.asked);
    this.asked = undefined;
  }
}
