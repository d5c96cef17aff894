// A real cluster for a story: started by scripts/cluster in a state folder of its own, on free ports.

import { execFile } from "node:child_process";
import { access, constants, mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../..");
const program = path.resolve(process.env.BEAMLINE_PROGRAM || path.join(root, "build/release/src/beamline"));
const run = promisify(execFile);

export class Cluster {
  /// Starts two blog hosts and one accumulator and waits until all are ready.
  static async start() {
    await access(program, constants.X_OK).catch(() => {
      throw new Error(`${program} does not exist; build it with: cmake --preset release && cmake --build --preset release`);
    });
    const cluster = new Cluster(await mkdtemp(path.join(os.tmpdir(), "beamline-browser-")));
    try {
      await cluster.script("up", "--detach");
      cluster.nodes = JSON.parse((await cluster.script("status", "--json")).stdout).nodes;
    } catch (error) {
      await cluster.stop();
      throw error;
    }
    return cluster;
  }

  constructor(folder) {
    this.folder = folder;
    this.nodes = [];
  }

  /// The address of a page on a blog host, the first unless told otherwise.
  url(page, host = 1) {
    return this.nodes.filter((node) => node.role === "event_horizon")[host - 1].url + page;
  }

  /// Runs scripts/cluster with this cluster's state; an exit code other than 0 throws with what it said.
  async script(...words) {
    const environment = { ...process.env, BEAMLINE_VAR: this.folder, BEAMLINE_PROGRAM: program, NO_COLOR: "1" };
    try {
      return await run(path.join(root, "scripts/cluster"), words, { env: environment, timeout: 60_000 });
    } catch (error) {
      throw new Error(`scripts/cluster ${words.join(" ")}: ${error.stderr || error.message}`);
    }
  }

  /// What a node answers to `beamline remote NODE WORDS... --json`.
  async remote(node, ...words) {
    const environment = { ...process.env, BEAMLINE_VAR: this.folder };
    const { stdout } = await run(program, ["remote", node, ...words, "--json"], { env: environment, timeout: 30_000 });
    return JSON.parse(stdout);
  }

  async stop() {
    await this.script("down").finally(() => rm(this.folder, { recursive: true, force: true }));
  }
}
