#pragma once

#include "apps/event_horizon/views/blog_show.hpp"
#include "web/live/render_context.hpp"
#include "web/live/view_instance.hpp"

#include <exception>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace beamline::test {

/// What a tab's browser shows.
struct shown_page {
  std::string html;
  std::vector<std::string> diffs;  // As sent, one per change.
  std::string redirect;

  /// The text of the like count.
  [[nodiscard]] std::string likes() const {
    static constexpr std::string_view mark = "<span id=\"like-count\">";
    auto at = html.find(mark);
    if (at == std::string::npos)
      return "no count";
    at += mark.size();
    return html.substr(at, html.find('<', at) - at);
  }
  [[nodiscard]] bool is_pressed() const { return html.find("aria-pressed=\"true\"") != std::string::npos; }
  [[nodiscard]] bool has_error() const { return html.find("<p class=\"error\">") != std::string::npos; }
};

struct press {
  std::string liked;  // What the button says; empty sends a form without the field.
};
struct close_tab {};

/// A browser tab with the post `slug`, connected: the view in a process, without sockets.
class tab final : public process, private web::live::view_owner {
public:
  struct setup {
    std::string slug;
    std::string visitor;
    shown_page& page;
    bool is_connected = true;
  };
  tab(process_context& c, setup s) : process{c}, setup_{std::move(s)}, view_{*this, *this, instance(setup_)} {}

private:
  static web::live::view_instance::setup instance(const setup& s) {
    web::live::view_instance::setup out;
    out.what = std::make_unique<event_horizon::blog_show>();
    out.name = "blog_show";
    out.is_connected = s.is_connected;
    out.route = [](std::string_view) { return std::nullopt; };
    return out;
  }

  behavior init() override {
    view_.mount({.params = {{"slug", setup_.slug}},
                 .session = {{"visitor", setup_.visitor}, {"csrf", "token"}},
                 .url = "/blog/" + setup_.slug});
    view_ran();
    return handlers(
        [this](const press& p) {
          auto e = web::live::event{};
          e.type = "form";
          e.name = "like";
          e.value = json::object();
          if (!p.liked.empty())
            e.value["liked"] = p.liked;
          view_.handle_event(e);
          view_ran();
        },
        [this](const close_tab&) { stop(); });
  }

  bool handle_other(const caf::type_erased_tuple& content) override {
    const auto is_expected = view_.handle_info(content);
    view_ran();
    return is_expected;
  }

  void view_ran() override {
    auto target = view_.take_navigation();
    if (auto* to = std::get_if<web::live::redirect_to>(&target)) {
      setup_.page.redirect = to->to;
      return stop();
    }
    if (auto* to = std::get_if<web::live::navigate_to>(&target)) {
      setup_.page.redirect = to->to;
      return stop();
    }
    // A fresh render, as a reload would show it, and what the browser is sent.
    flash_ = view_.flash();
    fresh_.start(true);
    setup_.page.html = web::live::to_html(view_.what().render(fresh_));
    if (auto diff = is_shown_ ? view_.diff() : view_.full(); !diff.empty())
      setup_.page.diffs.push_back(std::move(diff));
    view_.sent();
    is_shown_ = true;
  }
  void view_threw(std::string, const std::exception_ptr& thrown) override { std::rethrow_exception(thrown); }
  void patch_root(web::live::patch_to) override {}

  setup setup_;
  web::live::view_instance view_;
  web::live::render_scope scope_;
  web::live::assign<web::live::flash_messages> flash_;
  web::live::render_context fresh_{scope_, 0, &flash_};
  bool is_shown_ = false;
};

}  // namespace beamline::test
