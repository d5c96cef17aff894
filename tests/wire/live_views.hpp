#pragma once

// The live views of the site that the wire tests visit.

#include "web/live/http_error.hpp"
#include "web/live/render_context.hpp"
#include "web/live/view.hpp"

#include <cstddef>
#include <future>
#include <stdexcept>
#include <string>

namespace beamline::test {

namespace live = beamline::web::live;

inline const live::statics tally_template{{"<p>", "</p><i>", "</i><u>", "</u>"}};

/// Counts clicks, at `/tally/:name`; the name says what else it does. It shows its count, the flash "info" and where it
/// is: `<name>:<action>`.
class tally final : public live::view {
public:
  explicit tally(std::shared_future<void> gate) : gate_{std::move(gate)} {}

  void mount(const live::mount_params& p, live::view_socket& s) override {
    const auto& name = *find_string(p.params, "name");
    if (name == "throw")
      throw std::runtime_error{"mount <failed>"};
    if (name == "wait" && !s.connected())
      gate_.wait();
    if (name == "missing")
      throw live::http_error{404, "There is no such tally."};
    if (name == "withdrawn" && s.connected())
      throw live::http_error{410, "That tally was withdrawn."};
    if (name == "away" && !s.connected())
      leave(s, "/tally/here");
    if (name == "jump" && s.connected())
      s.put_flash("info", "jumped"), s.push_event("bell", {{"times", 1}}), s.navigate("/tally/other");
    if (name == "page" && s.connected())
      leave(s, "/elsewhere");
    if (name == "static")
      where_ = s.static_changed() ? "changed" : "same";
    if (const auto* user = find_string(p.session, "user"))
      user_ = *user;
  }
  void handle_params(const live::mount_params& p, live::view_socket& s) override {
    const auto& name = *find_string(p.params, "name");
    if (name == "hop" && s.connected())
      return s.patch("/tally/hopped");
    if (name == "refuse" && s.connected())
      throw live::http_error{403, "Not you."};
    if (where_.empty() || name != "static")
      where_ = name + ":" + p.action;
  }
  void handle_event(const live::event& e, live::view_socket& s) override {
    if (e.name == "navigate")
      return s.push_event("bell", {{"times", 2}}), s.put_flash("info", "gone"), s.navigate("/tally/other");
    if (e.name == "redirect")
      return leave(s, "/elsewhere");
    if (e.name == "patch")
      return s.patch("/tally/patched?p=1", live::history::replace);
    if (e.name == "ask")
      return s.reply({{"answer", 42}});
    if (e.name == "echo")
      return s.reply({{"echo", e.value}});
    if (e.name == "flash")
      return s.put_flash("info", "said");
    if (e.name != "add")
      throw std::runtime_error{"boom"};
    ++count_;
  }
  [[nodiscard]] live::rendered render(live::render_context& c) const override {
    auto info = c.flash().find("info");
    return live::rendered{tally_template, count_, info == c.flash().end() ? "" : info->second, where_ + user_};
  }
  [[nodiscard]] std::string title() const override { return "Tally " + std::to_string(count_); }

private:
  static void leave(live::view_socket& s, const std::string& to) {
    s.put_flash("info", "moved");
    s.redirect(to);
  }

  std::shared_future<void> gate_;
  long count_ = 0;
  std::string where_;
  std::string user_;
};

inline const live::statics clock_template{{"<b>", "</b>"}};

/// A view in others. Its session says what it shows (`zone`); a zone `throw` crashes its mount.
class clock_view final : public live::view {
public:
  void mount(const live::mount_params& p, live::view_socket& s) override {
    const auto* zone = find_string(p.session, "zone");
    zone_ = zone == nullptr ? "none" : *zone;
    if (zone_ == "throw")
      throw std::runtime_error{"no such zone"};
    if (zone_ == "away" && !s.connected()) {
      s.put_flash("info", "from inside");
      s.redirect("/tally/here");
    }
  }
  void handle_params(const live::mount_params&, live::view_socket&) override {
    throw std::logic_error{"a nested view has no URL"};
  }
  void handle_event(const live::event& e, live::view_socket& s) override {
    if (e.name == "tick")
      ++ticks_;
    else if (e.name == "patch")
      s.patch("/den/utc?from=kid");
    else if (e.name == "navigate")
      s.navigate("/den2");
    else
      throw std::runtime_error{"boom"};
  }
  [[nodiscard]] live::rendered render(live::render_context&) const override {
    return live::rendered{clock_template, zone_ + " " + std::to_string(ticks_)};
  }

private:
  std::string zone_;
  int ticks_ = 0;
};

inline const live::statics den_template{{"<h1>", "</h1>", "", ""}};

/// A view with others in it: `/den/:zone` has a clock of that zone, with id `kid`; all have a sticky one, `radio`.
class den final : public live::view {
public:
  void mount(const live::mount_params&, live::view_socket&) override {}
  void handle_params(const live::mount_params& p, live::view_socket&) override {
    zone_ = p.params.value("zone", "");
    from_ = p.params.value("from", "nowhere");
  }
  void handle_event(const live::event& e, live::view_socket& s) override {
    if (e.name == "crash")
      throw std::runtime_error{"boom"};
    if (e.name == "navigate")
      s.navigate("/den2");
    is_hidden_ = e.name == "hide";
  }
  [[nodiscard]] live::rendered render(live::render_context& c) const override {
    auto kid = live::dynamic{""};
    if (!zone_.empty() && !is_hidden_)
      kid = c.nested_view({.view = "clock", .id = "kid", .session = {{"zone", zone_}}});
    return live::rendered{
        den_template, from_, std::move(kid),
        c.nested_view({.view = "clock", .id = "radio", .session = {{"zone", "fm"}}, .is_sticky = true})};
  }

private:
  std::string zone_;
  std::string from_;
  bool is_hidden_ = false;
};

inline const live::statics office_template{{"<p>office of ", " at ", "</p>"}};

/// A view of the live session "admin", whose hook lets in who has a `user` in the session.
class office final : public live::view {
public:
  void mount(const live::mount_params& p, live::view_socket&) override {
    who_ = p.session.value("user", "nobody") + p.session.value("team", "");
    from_ = p.session.value("client", "an unknown address");
  }
  [[nodiscard]] live::rendered render(live::render_context&) const override {
    return live::rendered{office_template, who_, from_};
  }

private:
  std::string who_;
  std::string from_;
};

inline live::hook_result require_user(const live::mount_params& p, live::view_socket& s) {
  if (find_string(p.session, "user") != nullptr)
    return live::hook_result::cont;
  s.redirect("/tally/here");
  return live::hook_result::halt;
}

}  // namespace beamline::test
