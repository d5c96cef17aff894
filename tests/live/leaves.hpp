#pragma once

#include "base/json.hpp"
#include "live/page_model.hpp"

#include <doctest/doctest.h>

#include <functional>
#include <string>
#include <vector>

/// A view whose page is a list of live components, for tests of what is sent of both.
namespace beamline::web::live::testing {

inline json parsed(const std::string& text) {
  INFO(text);
  auto value = parse_json(text);
  REQUIRE(value.ok());
  return *value;
}

/// The leaf of the protocol note's capture, which counts bumps and may contain another.
class leaf final : public component {
public:
  struct attrs {
    std::string label = "L";
    std::string inner = {};  // Id of a leaf within.
  };

  void mount(component_socket&) override { ++mounts; }
  void update(const attrs& a, component_socket&) {
    label_ = a.label;
    inner_ = a.inner;
  }
  [[nodiscard]] rendered render(render_context& c) const override {
    static const statics tpl{
        {"<div class=\"leaf\">", ": <b>", "</b><button phx-click=\"bump\" phx-target=\"", "\">bump</button>", "</div>"},
        root_element::single};
    ++renders;
    if (on_render)
      on_render(*this);
    const auto ch = c.begin({label_, bumps, inner_});
    return rendered{tpl, ch.has(1) ? dynamic{*label_} : unchanged, ch.has(2) ? dynamic{*bumps} : unchanged, c.myself(),
                    !ch.has(4)        ? dynamic{unchanged}
                    : inner_->empty() ? dynamic{""}
                                      : c.component<leaf>(*inner_)};
  }

  assign<int> bumps{0};
  inline static int mounts = 0;  // Of all, in this thread's only test.
  inline static thread_local int renders = 0;
  inline static std::function<void(const leaf&)> on_render;

private:
  assign<std::string> label_;
  assign<std::string> inner_;
};

/// A view that shows a list of leaves.
struct leaves {
  assign<std::vector<std::string>> ids;
  assign<std::string> label{"L"};
  beamline::testing::no_host host{};
  view_tree tree{{.host = &host}};

  rendered render(render_context& c) const {
    static const statics tpl{{"<main>", "", "</main>"}};
    static const statics row{{"<p>", "</p>"}};
    const auto ch = c.begin({ids, label});
    auto rows = comprehension{row};
    if (ch.has(3))
      for (const auto& id : ids)
        rows.add_keyed(id, c.component<leaf>(id, {.label = *label}));
    return rendered{tpl, ch.has(3) ? dynamic{std::move(rows)} : unchanged, ch.has(2) ? dynamic{*label} : unchanged};
  }
  view_tree::render_function function() const {
    return [this](render_context& c) { return render(c); };
  }
  std::string full() {
    auto text = tree.full(function());
    tree.sent();
    return text;
  }
  std::string diff() {
    tree.view_changed();
    return component_diff();
  }
  std::string component_diff() {
    auto text = tree.diff(function());
    tree.sent();
    return text;
  }
  leaf& at(component_id id) { return dynamic_cast<leaf&>(*tree.find(id)); }
};

inline const std::string own_statics =
    R"(["<div class=\"leaf\">",": <b>","</b><button phx-click=\"bump\" phx-target=\"","\">bump</button>","</div>"])";

}  // namespace beamline::web::live::testing
