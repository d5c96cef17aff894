// Bundles app.js and app.css of a site for the web server.
//
// usage: node build.mjs OUTPUT_DIR [--from SOURCE_DIR] [--dev]
//
// SOURCE_DIR has app.js and app.css; it is this folder unless told otherwise. Packages are those of this folder for all
// sites, and modules and styles that sites share are imported from here by relative paths.
//
// OUTPUT_DIR receives app-HASH.js and app-HASH.css, each with a .gz and a .br sibling, and manifest.json, which maps
// "app.js" to "app-HASH.js". The hash is that of the contents, so equal sources give equal names and a file may be
// cached for ever. --dev adds source maps and leaves the code readable. Files of earlier builds are removed.

import { createHash } from "node:crypto";
import { mkdir, readFile, readdir, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs, promisify } from "node:util";
import zlib from "node:zlib";

const here = path.dirname(fileURLToPath(import.meta.url));
const entries = ["app.js", "app.css"];
const made = /^app-[0-9a-f]{16}\.(js|css)(\.map)?(\.gz|\.br)?$/;

const gzip = promisify(zlib.gzip);
const brotli = promisify(zlib.brotliCompress);

const esbuild = await import("esbuild").catch(() => {
  console.error("assets: esbuild is missing in assets/node_modules; install it with: scripts/setup run");
  process.exit(1);
});

async function bundle(source, dev) {
  const result = await esbuild.build({
    absWorkingDir: source,
    nodePaths: [path.join(here, "node_modules")],
    entryPoints: entries,
    outdir: "out", // Only for the names; nothing is written by esbuild itself.
    write: false,
    bundle: true,
    format: "esm",
    // Every browser that has import maps and :is(); older ones get the plain pages and forms.
    target: ["chrome105", "firefox110", "safari16"],
    minify: !dev,
    sourcemap: dev ? "external" : false,
    legalComments: "none",
    charset: "utf8",
    logLevel: "warning",
  });
  return new Map(result.outputFiles.map((file) => [path.basename(file.path), Buffer.from(file.contents)]));
}

function hashed(name, contents) {
  const { name: stem, ext } = path.parse(name);
  return `${stem}-${createHash("sha256").update(contents).digest("hex").slice(0, 16)}${ext}`;
}

// Files appear under their final name only when complete, so a running server never reads half of one.
async function put(folder, name, contents) {
  const fresh = path.join(folder, `.${name}.${process.pid}`);
  await writeFile(fresh, contents);
  await rename(fresh, path.join(folder, name));
}

async function putCompressed(folder, name, contents) {
  const params = {
    [zlib.constants.BROTLI_PARAM_QUALITY]: zlib.constants.BROTLI_MAX_QUALITY,
    [zlib.constants.BROTLI_PARAM_SIZE_HINT]: contents.length,
  };
  const [gz, br] = await Promise.all([gzip(contents, { level: 9 }), brotli(contents, { params })]);
  await Promise.all([put(folder, name, contents), put(folder, `${name}.gz`, gz), put(folder, `${name}.br`, br)]);
}

async function main(folder, source, dev) {
  const files = await bundle(source, dev);
  await mkdir(folder, { recursive: true });
  const manifest = {};
  const written = new Set();
  for (const entry of entries) {
    let contents = files.get(entry);
    const name = hashed(entry, contents);
    const map = files.get(`${entry}.map`);
    if (map) {
      const comment = entry.endsWith(".css") ? `/*# sourceMappingURL=${name}.map */\n` : `//# sourceMappingURL=${name}.map\n`;
      contents = Buffer.concat([contents, Buffer.from(comment)]);
      await put(folder, `${name}.map`, map);
      written.add(`${name}.map`);
    }
    await putCompressed(folder, name, contents);
    for (const suffix of ["", ".gz", ".br"]) written.add(name + suffix);
    manifest[entry] = name;
  }
  // The manifest last: whatever it names exists.
  await put(folder, "manifest.json", JSON.stringify(manifest, null, 2) + "\n");
  for (const old of await readdir(folder)) {
    if (made.test(old) && !written.has(old)) await rm(path.join(folder, old));
  }
}

let args;
try {
  args = parseArgs({ allowPositionals: true, options: { dev: { type: "boolean" }, from: { type: "string", default: here } } });
  if (args.positionals.length !== 1) throw new Error("expected one OUTPUT_DIR");
} catch (error) {
  console.error(`assets: ${error.message}\nusage: node build.mjs OUTPUT_DIR [--from SOURCE_DIR] [--dev]`);
  process.exit(2);
}
const folders = [args.positionals[0], args.values.from].map((each) => path.resolve(each));
main(...folders, args.values.dev).catch((error) => {
  // esbuild has already shown its own errors with file and line.
  if (!error.errors) console.error(`assets: ${error.message}`);
  process.exit(1);
});
