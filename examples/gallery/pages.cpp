#include "gallery/pages.hpp"

#include <array>

namespace gallery {

namespace {

constexpr std::array events{
    page_entry{"/counter", "Counter", "Clicks and keys go to the server; what changed comes back."},
    page_entry{"/form", "Form", "Checked while it is filled in, with nested fields and rows to add."},
    page_entry{"/js", "Commands", "Menus, tabs and a dialog that need no server at all."},
    page_entry{"/hooks", "Hooks", "Code of your own in the browser, and how both sides talk."},
};
constexpr std::array lists{
    page_entry{"/list", "Infinite list", "More rows arrive as you scroll; the page keeps only some."},
    page_entry{"/stream", "Stream", "Ten thousand rows that the server does not remember."},
    page_entry{"/printout", "Temporary values", "A long text that the server forgets once you have it."},
    page_entry{"/components", "Components", "Parts with slots, and parts with a life of their own."},
};
constexpr std::array places{
    page_entry{"/navigation", "Navigation", "Patch, navigate, redirect: three ways to another address."},
    page_entry{"/nested", "Nested views", "Views in views, and a player that keeps playing."},
    page_entry{"/account", "Account", "A login that guards a page, and a logout that reaches all tabs."},
};
constexpr std::array company{
    page_entry{"/clock", "Clock", "One number, twenty times a second, the same for everybody."},
    page_entry{"/presence", "Presence", "Who is here, in every open window."},
    page_entry{"/async", "Async work", "Slow things happen elsewhere, and can be cancelled."},
};
constexpr std::array trouble{
    page_entry{"/crash", "Crash", "Break the server's side of this page, and only of this page."},
    page_entry{"/recovery", "Recovery", "What you typed, opened and scrolled survives a lost connection."},
};

constexpr std::array groups{
    page_group{"Events and forms", events},      page_group{"Lists and parts", lists},
    page_group{"Pages and places", places},      page_group{"Others and time", company},
    page_group{"When things go wrong", trouble},
};

}  // namespace

std::span<const page_group> page_groups() { return groups; }

page_neighbours neighbours_of(std::string_view path) {
  page_neighbours found;
  const page_entry* before = nullptr;
  bool is_found = false;
  for (const auto& group : groups)
    for (const auto& page : group.pages) {
      if (is_found) {
        found.next = &page;
        return found;
      }
      if (page.path == path) {
        is_found = true;
        found.previous = before;
      }
      before = &page;
    }
  return found;
}

}  // namespace gallery
