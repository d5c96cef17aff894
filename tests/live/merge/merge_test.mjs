// Gives the messages of random views to the class `Rendered` of the npm client phoenix_live_view, unmodified, and
// compares the HTML that it makes with what the page should be.
//
// usage: node merge_test.mjs RECORDER ASSETS_DIR [SEEDS]
//
// RECORDER is the program live_merge_recorder: SEEDS random trees, and as many views with compiled templates. ASSETS_DIR
// has node_modules with esbuild and phoenix_live_view (scripts/setup run). Prints the first difference and exits with 1,
// or a summary.

import { spawnSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";

const [recorder, assets, seeds = "400"] = process.argv.slice(2);
if (!assets) {
  console.error("usage: node merge_test.mjs RECORDER ASSETS_DIR [SEEDS]");
  process.exit(2);
}

async function loadRendered() {
  const esbuild = createRequire(path.join(path.resolve(assets), "package.json"))("esbuild");
  const source = "./node_modules/phoenix_live_view/assets/js/phoenix_live_view/rendered.js";
  const bundle = await esbuild.build({
    stdin: { contents: `export { default } from "${source}";`, resolveDir: path.resolve(assets) },
    bundle: true,
    format: "esm",
    platform: "node",
    write: false,
  });
  const folder = await mkdtemp(path.join(tmpdir(), "beamline-merge-"));
  try {
    const file = path.join(folder, "rendered.mjs");
    await writeFile(file, bundle.outputFiles[0].contents);
    // The little of a browser that it asks for.
    globalThis.window = { structuredClone, dispatchEvent() {} };
    return (await import(pathToFileURL(file))).default;
  } finally {
    await rm(folder, { recursive: true });
  }
}

const clientAttributes = / data-phx-(id|component|view)="[^"]*"/g;

/** The page as the client would make it without its shortcut for what did not change. */
function inFull(client) {
  for (const component of Object.values(client.rendered.c)) component.reset = true;
  return client
    .recursiveToString(client.rendered, client.rendered.c, undefined, false, {}, null)
    .buffer.replace(clientAttributes, "");
}

/**
 * A message about components alone makes the client patch their elements, not the page: the outermost of them must show
 * those within. Here they are put into the page by making all of it new.
 */
function makeNew(node) {
  if (node === null || typeof node !== "object") return;
  if (node.r) node.newRender = true;
  Object.values(node).forEach(makeNew);
}

/** The page as the client makes it: elements that it skips (data-phx-skip) are what they were. */
class SkippingPage {
  #elements = new Map();

  html(client, cids) {
    const text = client.toString(cids).buffer;
    const open = [{ id: null, html: "" }];
    for (const token of text.match(/<[^>]*>|[^<]+/g) ?? []) {
      const top = open.at(-1);
      if (token.startsWith("</")) {
        const done = open.pop();
        let html = done.html + token;
        if (done.isSkipped) html = this.#elements.get(done.id);
        else if (done.id) this.#elements.set(done.id, html.replace(/<li id="s[^"]*">.*?<\/li>/gs, ""));
        open.at(-1).html += html;
      } else if (token.startsWith("<") && !token.endsWith("/>")) {
        open.push({
          id: /data-phx-id="([^"]*)"/.exec(token)?.[1],
          isSkipped: token.includes("data-phx-skip"),
          html: token.replace(clientAttributes, ""),
        });
      } else {
        top.html += token;
      }
    }
    if (open.length !== 1) throw new Error(`elements are not closed in ${text}`);
    return open[0].html;
  }
}

const Rendered = await loadRendered();
const run = spawnSync(recorder, [seeds], { encoding: "utf8", maxBuffer: 1 << 30 });
if (run.status !== 0) {
  console.error(`${recorder} ended with ${run.status}: ${run.stderr}`);
  process.exit(1);
}

let full, skipping, page;
let messages = 0;
for (const line of run.stdout.trim().split("\n")) {
  const { seed, html, join, diff } = JSON.parse(line);
  try {
    if (join) {
      full = new Rendered("phx-1", JSON.parse(line).join);
      skipping = new Rendered("phx-1", join);
      page = new SkippingPage();
    } else {
      full.mergeDiff(JSON.parse(line).diff);
      skipping.mergeDiff(diff);
    }
    const shown = inFull(full);
    const isAboutComponents = diff && skipping.isComponentOnlyDiff(diff);
    if (isAboutComponents) makeNew(skipping.rendered);
    const shownWithSkips = page.html(skipping, diff && !isAboutComponents ? skipping.componentCIDs(diff) : undefined);
    for (const [how, made] of [["in full", shown], ["with skips", shownWithSkips]])
      if (html !== null && made !== html) throw new Error(`rendered ${how} the client shows\n  ${made}\ninstead of\n  ${html}`);
  } catch (error) {
    console.error(`seed ${seed}: ${error.stack}\nafter ${line}`);
    process.exit(1);
  }
  ++messages;
}
console.log(`${messages} messages of ${2 * seeds} views merged by the npm client, all as expected`);
if (messages < Number(seeds) * 12) {
  console.error("that is too few to say much");
  process.exit(1);
}
