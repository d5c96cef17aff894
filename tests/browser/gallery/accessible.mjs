// Does a page work for everybody? Asks axe, which knows the rules.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/// What axe objects to on the page as it is now, one sentence per element; best practices included, whatever the impact.
/// What it cannot decide (text over an image, say) counts as well, but for signs such as × and ↑, of which it knows nothing.
export async function objections(visitor) {
  if (!(await visitor.page.evaluate(() => "axe" in window))) await visitor.page.evaluate(axe);
  return visitor.page.evaluate(async () => {
    const hasWords = ({ target }) => /[\p{L}\p{N}]/u.test(document.querySelector(target.at(-1))?.textContent ?? "?");
    const isOpen = ({ id }) => ["color-contrast", "label-content-name-mismatch"].includes(id);
    const { violations, incomplete } = await window.axe.run(document, { resultTypes: ["violations", "incomplete"] });
    for (const rule of incomplete.filter(isOpen)) rule.nodes = rule.nodes.filter(hasWords);
    return [...violations, ...incomplete].flatMap(({ id, impact, help, nodes }) =>
      nodes.map((node) => `${id} (${impact}): ${help}: ${node.target.join(" ")}: ${node.failureSummary ?? ""}`));
  });
}
