// The gallery (examples/gallery) as a process of its own: started, killed, restarted and frozen by the tests.
//
// EXAMPLE_GALLERY names the program; without it, that of the dev preset. Its scripts and styles
// are bundled once per run, from the sources as they are.

import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { rmSync } from "node:fs";
import { access, constants, mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import readline from "node:readline";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../../..");
const program = path.resolve(process.env.EXAMPLE_GALLERY || path.join(root, "build/dev/examples/gallery/example_gallery"));
const startMs = 30_000; // A debug build under load; a second as a rule.
const logLinesMax = 2000; // The newest are kept.

const bundles = new Map();

/// The folder of the bundled scripts and styles; with "--dev" the same with other contents, and so with other names.
/// The first call makes it, all wait for it; it goes with this process.
async function assets(...flags) {
  const make = async () => {
    const folder = await mkdtemp(path.join(os.tmpdir(), "beamline-gallery-assets-"));
    process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
    const words = ["assets/build.mjs", folder, "--from", "examples/gallery/assets", ...flags];
    await promisify(execFile)(process.execPath, words, { cwd: root, timeout: 60_000 });
    return folder;
  };
  const kind = flags.join();
  if (!bundles.has(kind)) bundles.set(kind, make());
  return bundles.get(kind);
}

export class Gallery {
  /// Starts the program with an empty state folder, and with these words besides, and waits until it serves.
  static async start(...words) {
    await access(program, constants.X_OK).catch(() => {
      const remedy = "cmake --preset dev && cmake --build --preset dev --target example_gallery";
      throw new Error(`${program} does not exist; build it with: ${remedy}`);
    });
    const gallery = new Gallery(await mkdtemp(path.join(os.tmpdir(), "beamline-gallery-")), await assets());
    try {
      await gallery.run(0, words);
    } catch (error) {
      await gallery.stop();
      throw error;
    }
    return gallery;
  }

  constructor(state, assetFolder) {
    this.state = state;
    this.assetFolder = assetFolder;
    this.port = 0;
    this.log = [];
    this.child = undefined;
  }

  /// The address of a page.
  url(page) {
    return `http://localhost:${this.port}${page}`;
  }

  /// Starts the program on a port and waits for the line that says it serves.
  async run(port, besides) {
    const words = ["--port", String(port), "--state", this.state, "--assets", this.assetFolder, ...besides];
    const child = spawn(program, words, { stdio: ["pipe", "pipe", "pipe"], cwd: this.state });
    this.child = child;
    this.ended = once(child, "exit");
    readline.createInterface({ input: child.stderr }).on("line", (line) => this.note(line));
    const served = new Promise((resolve, reject) => {
      readline.createInterface({ input: child.stdout }).on("line", (line) => {
        this.note(line);
        const address = /^http:\/\/localhost:(\d+)/.exec(line);
        if (address) resolve(Number(address[1]));
      });
      child.on("error", reject);
      child.on("exit", (code, signal) =>
        reject(new Error(`example_gallery ended with ${signal ?? code}:\n${this.tail()}`)));
    });
    const late = () => `example_gallery did not serve within ${startMs / 1000} s:\n${this.tail()}`;
    this.port = await withinMs(startMs, served, late);
  }

  note(line) {
    this.log.push(line);
    if (this.log.length > logLinesMax) this.log.shift();
  }

  tail() {
    return this.log.slice(-20).join("\n");
  }

  /// kill -9: no goodbye to anybody.
  async kill() {
    this.child.kill("SIGKILL");
    await this.ended;
  }

  /// Starts it again, on the same port and with the same state.
  async restart(...words) {
    await this.run(this.port, words);
  }

  /// Starts it again as a release with other scripts and styles.
  async renew() {
    this.assetFolder = await assets("--dev");
    await this.restart();
  }

  /// Stops every thread of it; the kernel goes on accepting connections and bytes.
  freeze() {
    this.child.kill("SIGSTOP");
  }

  thaw() {
    this.child.kill("SIGCONT");
  }

  /// Ends it in order and removes its state. Returns its exit code, or undefined if it was not running.
  async stop() {
    let code;
    if (this.child && this.child.exitCode === null && this.child.signalCode === null) {
      this.thaw();
      this.child.stdin.end();
      const patience = setTimeout(() => this.child.kill("SIGKILL"), 10_000);
      [code] = await this.ended;
      clearTimeout(patience);
    }
    await rm(this.state, { recursive: true, force: true });
    return code;
  }
}

async function withinMs(limit, promise, sentence) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(sentence())), limit);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
