#pragma once

// The view the tests of this folder mount.

#include "web/live/render_context.hpp"
#include "web/live/view.hpp"

#include <functional>
#include <stdexcept>
#include <string>
#include <utility>

namespace beamline::web::live::testing {

struct set_count {
  long to;
};

inline const statics counter_template{
    {"<p id=\"count\">", "</p><p id=\"flash\">", "</p><p id=\"page\">", "</p><p id=\"visitor\">", "</p>"}};

/// Counts clicks and what is cast to it. Events: `add`, `flash`, `crash`, `go` (navigates), `patch`, `hook`.
class counter_view final : public view_of<counter_view, set_count> {
public:
  static inline int renders = 0;
  static inline std::function<void()> during_info;  // Called while a cast is handled, if set.

  void mount(const mount_params& p, view_socket& s) override {
    if (p.params.contains("deny"))
      s.redirect("/login");
    if (p.params.contains("explode"))
      throw std::runtime_error{"mount failed"};
    was_connected_ = s.connected();
  }
  void handle_params(const mount_params& p, view_socket&) override {
    if (auto* page = find_string(p.params, "page"))
      page_ = *page;
    visitor_ = find_string(p.session, "visitor") != nullptr ? *find_string(p.session, "visitor") : "nobody";
  }
  void handle_event(const event& e, view_socket& s) override {
    if (e.name == "add")
      ++count_;
    else if (e.name == "flash")
      s.put_flash("info", "saved & done");
    else if (e.name == "go")
      s.navigate("/other");
    else if (e.name == "patch")
      s.patch("/counter?page=two");
    else if (e.name == "hook") {
      s.push_event("beep", {{"times", 2}});
      s.reply({{"answer", 42}});
    } else if (e.name == "later")
      s.run_after(5s, [this] { count_ = 100; });
    else
      throw std::runtime_error{"boom"};
  }
  void handle_info(const set_count& m, view_socket&) {
    count_ = m.to;
    if (auto call = std::exchange(during_info, nullptr))
      call();
  }

  [[nodiscard]] rendered render(render_context& c) const override {
    ++renders;
    auto info = c.flash().find("info");
    return rendered{counter_template, count_, info == c.flash().end() ? "" : info->second, page_, visitor_};
  }
  [[nodiscard]] std::string title() const override { return "Count " + std::to_string(count_); }

private:
  long count_ = 0;
  bool was_connected_ = false;
  std::string page_ = "one";
  std::string visitor_;
};

}  // namespace beamline::web::live::testing
