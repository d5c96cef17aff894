// All pages of the gallery: those that the list of pages leads to, and those one gets to from there.

export const pages = ["/", "/counter", "/form", "/js", "/hooks", "/list", "/stream", "/printout", "/components", "/navigation",
  "/nested", "/nested/other", "/account", "/clock", "/presence", "/async", "/crash", "/recovery"];

/// What is different in every render, for `sameAsFresh`.
export const everNew = ["#process", "#child-process", "#grandchild-process", "#player-time", "#points",
  "#time", "#tick", "#forecast"];
