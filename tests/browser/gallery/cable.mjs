// The network between a browser and the gallery: a TCP relay that can be cut, in the ways networks fail, and healed.
//
//   hold     packets are lost, and TCP repairs it afterwards: what was sent meanwhile arrives late, in order
//   forget   as hold, but a router in between forgets the connections: they stay silent for ever, in both directions
//   reset    connections break at once, and new ones are refused, as by a router that is restarted
//
// New connections made during hold and forget come through when the cable is healed, as those of TCP do.

import { once } from "node:events";
import net from "node:net";

export class Cable {
  /// A cable from a free port to the target port on this machine.
  static async lay(target) {
    const cable = new Cable(target);
    cable.server.listen(0, "localhost");
    await once(cable.server, "listening");
    cable.port = cable.server.address().port;
    return cable;
  }

  constructor(target) {
    this.target = target;
    this.fault = "";
    this.strands = new Set(); // [near, far] of each connection.
    this.waiting = []; // Connections made while the cable is cut.
    this.lost = []; // Sides of forgotten connections; they end with the cable.
    this.server = net.createServer({ noDelay: true }, (near) => this.accept(near));
  }

  /// The address of a page, through this cable.
  url(page) {
    return `http://localhost:${this.port}${page}`;
  }

  accept(near) {
    near.on("error", () => {});
    if (this.fault === "reset") return near.resetAndDestroy();
    near.pause();
    if (this.fault) return this.waiting.push(near);
    this.join(near);
  }

  join(near) {
    const far = net.connect({ port: this.target, host: "localhost", noDelay: true });
    const strand = [near, far];
    this.strands.add(strand);
    const end = () => {
      this.strands.delete(strand);
      for (const side of strand) side.destroy();
    };
    for (const [from, to] of [strand, [far, near]]) {
      from.on("data", (bytes) => {
        if (!to.write(bytes)) from.pause();
      });
      to.on("drain", () => this.fault !== "hold" && from.resume());
      from.on("end", () => to.end());
      from.on("error", end);
      from.on("close", end);
    }
    near.resume();
  }

  /// Cuts the cable in one of the three ways.
  cut(fault) {
    this.fault = fault;
    for (const strand of [...this.strands]) {
      if (fault === "hold") strand.forEach((side) => side.pause());
      if (fault === "forget") this.lose(strand);
      if (fault === "reset") strand.forEach((side) => side.resetAndDestroy());
    }
  }

  // What comes is read and dropped from now on; neither side learns that the other one is gone.
  lose(strand) {
    this.strands.delete(strand);
    for (const side of strand) {
      for (const event of ["data", "drain", "end", "error", "close"]) side.removeAllListeners(event);
      side.on("error", () => {});
      side.resume();
      this.lost.push(side);
    }
  }

  /// Makes the cable whole again.
  heal() {
    this.fault = "";
    for (const side of [...this.strands].flat()) side.resume();
    for (const near of this.waiting.splice(0)) this.join(near);
  }

  async close() {
    this.server.close();
    for (const side of [...this.strands].flat().concat(this.lost, this.waiting)) side.destroy();
    await once(this.server, "close");
  }
}
