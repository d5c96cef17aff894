#pragma once

#include "apps/content/folder.hpp"
#include "base/random.hpp"

#include <cstdio>
#include <string>
#include <utility>

namespace beamline::test {

/// What a folder made by `write_other_blog` has in it.
struct other_blog {
  int posts = 0;  // Drafts not counted.
  int drafts = 0;
  int images = 0;
};

/// Writes a blog as others keep theirs, made from a seed: Jekyll's and Hugo's names and folders, YAML with their keys,
/// GFM, raw HTML, pictures beside the posts and below static/.
inline other_blog write_other_blog(const folder& to, std::uint64_t seed, int count) {
  auto random = seeded_random{seed};
  auto pick = [&](std::initializer_list<const char*> words) {
    return std::string{words.begin()[random.below(words.size())]};
  };
  auto out = other_blog{};
  auto date = [&](int i) {
    auto text = std::string(11, '\0');
    std::snprintf(text.data(), text.size(), "%04d-%02d-%02d", 2016 + i % 8, 1 + static_cast<int>(random.below(12)),
                  1 + static_cast<int>(random.below(28)));
    text.resize(10);
    return text;
  };
  to.put("static/images/shared.png", png(1200, 630));
  to.put("static/films/clip.mp4", "not played here");
  to.put("_index.md", "---\ntitle: All posts\n---\n");
  for (int i = 0; i < count; ++i) {
    auto day = date(i);
    auto name = pick({"notes-on-", "Why_", "Über ", "how-to-"}) + pick({"caching", "Naïve Bayes", "tests", "queues"})
              + "-" + std::to_string(i);
    bool is_draft = random.below(8) == 0;
    bool has_folder = random.below(3) == 0;
    auto front = "title: \"" + pick({"Notes: ", "Why ", "On "}) + name + "\"\n";
    front += "date: " + day + pick({"", " 10:20:30 +0200", "T08:00:00Z", " 23:59"}) + "\n";
    front +=
        pick({"tags: [go, testing]\n", "tags: go, web dev\n", "tags:\n  - Go\n  - \"c#\"\n", "categories: life\n", ""});
    front += pick({"layout: post\n", "author: Ann\n", "weight: 3\n", "comments: true\n", "toc: true\n", ""});
    front += pick({"excerpt: \"Short: and good\"\n", "description: >\n  Over two\n  lines\n", ""});
    front += is_draft ? pick({"draft: true\n", "published: false\n"}) : pick({"draft: false\n", ""});
    front += random.below(5) == 0 ? "image: /images/shared.png\n" : "";
    auto body = std::string{};
    for (auto n = 1 + random.below(8); n > 0; --n)
      body += pick({"## A heading\n\nSome *text* with `code` and [a link](https://example.org/x).\n\n",
                    "| a | b |\n|---|---:|\n| 1 | 2 |\n\n", "- [ ] open\n- [x] done\n\n",
                    "```python\ndef f(x):\n    return x  # same\n```\n\n", "Note.[^1]\n\n[^1]: The note.\n\n",
                    "<details>\n<summary>More</summary>\n\nHidden **text**.\n\n</details>\n\n",
                    "![shared](/images/shared.png)\n\n",
                    "<p align=\"center\"><img src=\"/images/shared.png\" width=\"300\"></p>\n\n",
                    "{% highlight ruby %}\nputs 1\n{% endhighlight %}\n\n", "> quoted\n\n<!--more-->\n\n",
                    "<video controls>\n  <source src=\"/films/clip.mp4\" type=\"video/mp4\">\n  No film.\n</video>\n\n",
                    "~~wrong~~ right, see www.example.org.\n\n# A top heading\n\n", "1. one\n2. two\n   - deep\n\n"});
    if (has_folder) {
      body += "![own](own%20picture.png)\n";
      to.put(day + "-" + name + "/own picture.png", png(64, 64));
      ++out.images;
    }
    to.put(has_folder ? day + "-" + name + "/index.md" : pick({"", "_posts/", "2019/"}) + day + "-" + name + ".md",
           "---\n" + front + "---\n" + body);
    ++(is_draft ? out.drafts : out.posts);
  }
  return out;
}

}  // namespace beamline::test
