// Two people in one room, with the classes of npm's phoenix in Node.js: what chat.html does, without a browser.
//
// usage: node chat_client.mjs URL      prints what happened as one line of JSON; PACKAGES names the folder of the npm
//                                      packages `phoenix` and `ws`

import { createRequire } from "node:module";

const packages = createRequire(`${process.env.PACKAGES}/`);
const { Socket, Presence } = packages("phoenix");
const url = process.argv[2];

function enter(name) {
  const socket = new Socket(`${url.replace("http", "ws")}/socket`, { transport: packages("ws") });
  const channel = socket.channel("room:lobby", name ? { name } : {});
  const person = { socket, channel, presence: new Presence(channel), heard: [] };
  channel.on("said", ({ by, text }) => person.heard.push(`${by}: ${text}`));
  socket.connect();
  return person;
}
const answer = (push) =>
  new Promise((done) => {
    for (const status of ["ok", "error", "timeout"]) push.receive(status, (response) => done([status, response]));
  });
async function until(holds) {
  for (let turns = 0; !holds(); ++turns) {
    if (turns === 1000) throw new Error(`waited too long for ${holds}`);
    await new Promise((again) => setTimeout(again, 10));
  }
}
const names = (person) => person.presence.list((name) => name).sort().join();

const story = {};
const nobody = enter();
story.nobody = await answer(nobody.channel.join());
nobody.socket.disconnect();

const ann = enter("ann");
const bob = enter("bob");
story.ann = await answer(ann.channel.join());
await answer(bob.channel.join());
await until(() => names(ann) === "ann,bob" && names(bob) === "ann,bob");
story.here = names(ann);
story.silence = await answer(ann.channel.push("say", { text: "" }));
story.said = await answer(ann.channel.push("say", { text: "hello <everybody>" }));
await until(() => bob.heard.length > 0 && ann.heard.length > 0);
story.heard = [ann.heard, bob.heard];
bob.socket.disconnect();
await until(() => names(ann) === "ann");
story.left = names(ann);
console.log(JSON.stringify(story));
process.exit(0);
