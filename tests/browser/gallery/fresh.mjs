// Is what a page shows after a fault what the server would show now? A second tab of the same visitor opens the same
// address; both documents, without what only the client put there, must be equal.

import { until } from "./visitor.mjs";

/// Fails with the first difference unless the page equals a fresh one of the same address and session. `repeat(visitor)`
/// does in the fresh tab what the visitor had done and the server does not keep, such as typing. `besides` are selectors
/// of elements whose contents are different at every moment (a clock) and are not compared. `url` is where the fresh one
/// comes from, if not from the same address.
export async function sameAsFresh(visitor, { repeat = async () => {}, besides = [], url = visitor.page.url() } = {}) {
  const fresh = await visitor.tab();
  try {
    await fresh.open(url);
    await repeat(fresh);
    await fresh.settled();
    let difference = "";
    await until(
      async () => {
        const [mine, theirs] = [await picture(visitor, besides), await picture(fresh, besides)];
        difference = firstDifference(mine, theirs);
        return difference === "";
      },
      () => `the page differs from a fresh one: ${difference}`,
    );
    visitor.problems.push(...fresh.problems.map((problem) => `in the fresh tab: ${problem}`));
  } finally {
    await fresh.page.close();
  }
}

function firstDifference(mine, theirs) {
  const at = mine.findIndex((line, index) => line !== theirs[index]);
  if (at < 0 && mine.length === theirs.length) return "";
  const index = at < 0 ? mine.length : at;
  const context = mine.slice(Math.max(0, index - 4), index).join("\n  ");
  return `line ${index} is\n  ${mine[index]}\nand, fresh,\n  ${theirs[index]}\nafter\n  ${context}`;
}

/// The body as lines, one per tag, attribute and text.
async function picture(visitor, besides) {
  return visitor.page.evaluate(draw, besides);
}

// Runs in the page.
function draw(besides) {
  // Tokens and the client's own notes; the numbers it gives to views and components follow below.
  const unseen = /^(data-phx-(session|static|id|view|ref-.*|skip|link-state|root-id|parent-id|magic-id)|style|nonce)$/;
  const numbers = new Map();
  const number = (kind, value) => {
    const key = `${kind} ${value}`;
    const before = [...numbers.keys()].filter((each) => each.startsWith(kind)).length;
    if (!numbers.has(key)) numbers.set(key, `${kind}-${before}`);
    return numbers.get(key);
  };
  const lines = [];
  const attribute = ({ name, value }) => {
    if (unseen.test(name)) return "";
    if (name === "class") value = value.split(/\s+/).filter((word) => word && !word.startsWith("phx-")).sort().join(" ");
    if (name === "class" && !value) return "";
    if (name === "data-phx-component" || (name === "phx-target" && /^\d+$/.test(value))) value = number("component", value);
    value = value.replace(/phx-[\w-]{16,}/g, (id) => number("view", id));
    value = value.replace(/"target":(\d+)/g, (_, id) => `"target":${number("component", id)}`);
    return `${name}=${value}`;
  };
  const walk = (node, depth) => {
    const indent = " ".repeat(depth);
    if (["SCRIPT", "CANVAS"].includes(node.tagName) || (node.name ?? "") === "_csrf_token") return;
    const attributes = [...node.attributes].map(attribute).filter(Boolean).sort();
    lines.push(`${indent}<${node.tagName.toLowerCase()}> ${attributes.join(" ")}`);
    if (besides.some((selector) => node.matches(selector))) return;
    if (/^(INPUT|TEXTAREA|SELECT)$/.test(node.tagName)) lines.push(`${indent} holds ${node.value} ${node.checked ?? ""}`);
    let text = "";
    const flush = () => {
      if (text.trim()) lines.push(`${indent} "${text.trim().replace(/\s+/g, " ")}"`);
      text = "";
    };
    for (const child of node.childNodes) {
      if (child.nodeType === Node.TEXT_NODE) text += child.data;
      if (child.nodeType === Node.ELEMENT_NODE) {
        flush();
        walk(child, depth + 1);
      }
    }
    flush();
  };
  walk(document.body, 0);
  return lines;
}
