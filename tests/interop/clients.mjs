// Runs all cases against a server, one after another: one line of JSON each, {name, error?}.
//
// usage: node clients.mjs URL URL      sockets of two linked nodes, e.g. ws://127.0.0.1:4000/socket; the first has the
//                                      live pages, too; the last case ends the second one

import { useSite } from "./browser.mjs";
import { cases as channelCases } from "./channel_cases.mjs";
import { cases as liveCases } from "./live_cases.mjs";
import { cases as presenceCases } from "./presence_cases.mjs";
import { disconnectAll, useServers } from "./support.mjs";

const urls = process.argv.slice(2);
if (urls.length !== 2) {
  console.error("usage: node clients.mjs URL URL");
  process.exit(2);
}
useServers(...urls);
useSite(new URL(urls[0].replace(/^ws/, "http")).origin);
const all = [channelCases, liveCases, presenceCases].flatMap(Object.entries);
const twice = all.map(([name]) => name).filter((name, i, names) => names.indexOf(name) !== i);
if (twice.length) {
  console.error(`clients.mjs: two cases have one name: ${twice.join(", ")}`);
  process.exit(2);
}
for (const [name, run] of all) {
  let error;
  try {
    await run();
  } catch (failure) {
    error = String(failure?.stack ?? failure);
  }
  await disconnectAll();
  console.log(JSON.stringify({ name, error }));
}
process.exit(0);
