// Runs the stories of this folder in one process, one after another, and ends with a line of counts.
//
// usage: node run.mjs [STORY...]     STORY is a part of a file name, e.g. like
//
// Needs `scripts/setup test` and a built program: the release preset's, or $BEAMLINE_PROGRAM. Screenshots go to
// artefacts/browser/. $CHROMIUM names another Chromium than the one in PATH.

import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, readdirSync, rmSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

const here = path.dirname(fileURLToPath(import.meta.url));
const artefacts = path.resolve(here, "../../artefacts/browser");
const wanted = process.argv.slice(2);
const stories = readdirSync(here)
  .filter((name) => name.endsWith("_test.mjs"))
  .filter((name) => wanted.length === 0 || wanted.some((part) => name.includes(part)))
  .sort();
if (stories.length === 0) {
  console.error(`browser: no story is called ${wanted.join(" or ")}; the stories are the *_test.mjs of tests/browser/`);
  process.exit(2);
}

rmSync(artefacts, { recursive: true, force: true });
mkdirSync(artefacts, { recursive: true });
const report = path.join(artefacts, "report.tap");
const reporters = [
  ...["--test-reporter=spec", "--test-reporter-destination=stdout"],
  ...["--test-reporter=tap", `--test-reporter-destination=${report}`],
];
const code = stories.map((name) => `await import(${JSON.stringify(path.join(here, name))});`).join("\n");
// From standard input, so that the stories share one process and its browser whatever their number.
const program = process.env.BEAMLINE_PROGRAM && { BEAMLINE_PROGRAM: path.resolve(process.env.BEAMLINE_PROGRAM) };
const { status, signal } = spawnSync(process.execPath, [...reporters, "--input-type=module", "-"], {
  cwd: here,
  env: { ...process.env, ...program },
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
console.log(`[browser] test cases: ${passed + failed + skipped} | ${passed} passed | ${failed} failed | ${skipped} skipped`);
process.exit(failed ? 1 : 0);
