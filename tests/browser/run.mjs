// Runs the stories of a folder in one process, one or two at a time, and ends with a line of counts.
//
// usage: node run.mjs [--gallery] [--long] [STORY...]     STORY is a part of a file name, e.g. like
//
// Without --gallery, the stories of this folder, about the blog: they need the program of the release preset, or
// $BEAMLINE_PROGRAM. With it, those of gallery/: they need example_gallery of the dev preset, or $EXAMPLE_GALLERY.
// --long runs the *_long.mjs instead of the *_test.mjs: minutes of waiting.
// Needs `scripts/setup test`. Screenshots go to artefacts/browser/. $CHROMIUM names another Chromium than the one in PATH.

import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, readdirSync, rmSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

const words = process.argv.slice(2);
const area = words.includes("--gallery") ? "gallery" : "";
const ending = words.includes("--long") ? "_long.mjs" : "_test.mjs";
const wanted = words.filter((word) => !["--gallery", "--long"].includes(word));
const here = path.join(path.dirname(fileURLToPath(import.meta.url)), area);
const artefacts = path.resolve(here, area ? "../../.." : "../..", "artefacts/browser", area);
const stories = readdirSync(here)
  .filter((name) => name.endsWith(ending))
  .filter((name) => wanted.length === 0 || wanted.some((part) => name.includes(part)))
  .sort();
if (stories.length === 0) {
  console.error(`browser: no story is called ${wanted.join(" or ")}; the stories are the *${ending} of tests/browser/${area}`);
  process.exit(2);
}

mkdirSync(artefacts, { recursive: true });
for (const old of readdirSync(artefacts)) {
  // Folders belong to the stories of other folders.
  if (/\.(png|tap)$/.test(old)) rmSync(path.join(artefacts, old));
}
const report = path.join(artefacts, "report.tap");
const reporters = [
  ...["--test-reporter=spec", "--test-reporter-destination=stdout"],
  ...["--test-reporter=tap", `--test-reporter-destination=${report}`],
];
const imports = stories.map((name) => `await import(${JSON.stringify(path.join(here, name))});`).join("\n");
// The gallery's stories wait more than they work, so two are told at a time.
const code = area
  ? `import { describe } from "node:test"; describe("Gallery", { concurrency: 2 }, async () => { ${imports} });`
  : imports;
// From standard input, so that the stories share one process and its browser whatever their number.
const programs = ["BEAMLINE_PROGRAM", "EXAMPLE_GALLERY"].filter((name) => process.env[name]);
const absolute = Object.fromEntries(programs.map((name) => [name, path.resolve(process.env[name])]));
const { status, signal } = spawnSync(process.execPath, [...reporters, "--input-type=module", "-"], {
  cwd: here,
  env: { ...process.env, ...absolute },
  input: code,
  stdio: ["pipe", "inherit", "inherit"],
});

function count(tap, word) {
  const found = [...tap.matchAll(new RegExp(`^# ${word} (\\d+)$`, "gm"))].pop();
  return found ? Number(found[1]) : 0;
}

let tap = "";
try {
  tap = readFileSync(report, "utf8");
} catch (error) {
  console.error(`browser: no report was written (${error.code}); the stories ended with ${signal ?? status}`);
}
const passed = count(tap, "pass");
const skipped = count(tap, "skipped") + count(tap, "todo");
let failed = count(tap, "fail") + count(tap, "cancelled");
if (status !== 0 && failed === 0) failed = 1;
if (passed + failed + skipped === 0) failed = 1;
console.log(`[${area || "browser"}] test cases: ${passed + failed + skipped} | ${passed} passed | ${failed} failed | ${skipped} skipped`);
process.exit(failed ? 1 : 0);
