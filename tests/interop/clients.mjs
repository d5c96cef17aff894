// Runs all cases against a server, one after another: one line of JSON each, {name, error?}.
//
// usage: node clients.mjs URL URL      sockets of two linked nodes, e.g. ws://127.0.0.1:4000/socket; the last case ends
//                                      the second one

import { cases as channelCases } from "./channel_cases.mjs";
import { cases as presenceCases } from "./presence_cases.mjs";
import { disconnectAll, useServers } from "./support.mjs";

const urls = process.argv.slice(2);
if (urls.length !== 2) {
  console.error("usage: node clients.mjs URL URL");
  process.exit(2);
}
useServers(...urls);
for (const [name, run] of Object.entries({ ...channelCases, ...presenceCases })) {
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
