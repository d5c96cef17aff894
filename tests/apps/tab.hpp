#pragma once

#include "apps/event_horizon/views/blog_show.hpp"
#include "web/live/view_process.hpp"

#include <memory>
#include <string>
#include <utility>
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
class tab final : public web::live::view_process {
public:
  struct setup {
    std::string slug;
    std::string visitor;
    shown_page& page;
    bool is_connected = true;
  };
  tab(process_context& c, setup s)
      : view_process{c, std::make_unique<event_horizon::blog_show>(), s.is_connected, {}}, setup_{std::move(s)} {}

private:
  behavior init() override {
    mount_view({{{"slug", setup_.slug}}, {{"visitor", setup_.visitor}, {"csrf", "token"}}, "/blog/" + setup_.slug},
               no_route_);
    changed();
    return handlers(
        [this](const press& p) {
          auto e = web::live::event{};
          e.type = "form";
          e.name = "like";
          e.value = json::object();
          if (!p.liked.empty())
            e.value["liked"] = p.liked;
          run_view([&](web::live::view& v, web::live::view_socket& s) { v.handle_event(e, s); }, no_route_);
          changed();
        },
        [this](const close_tab&) { stop(); });
  }

  bool handle_other(const caf::type_erased_tuple& content) override {
    bool is_expected = false;
    run_view([&](web::live::view& v, web::live::view_socket& s) { is_expected = v.handle_message(content, s); },
             no_route_);
    changed();
    return is_expected;
  }

  void changed() override {
    auto target = take_navigation();
    if (auto* to = std::get_if<web::live::redirect_to>(&target)) {
      setup_.page.redirect = to->to;
      return stop();
    }
    auto tree = render_view();
    setup_.page.html = web::live::to_html(tree);
    if (auto diff = web::live::encode_diff(memory_, tree); !diff.empty())
      setup_.page.diffs.push_back(std::move(diff));
  }

  setup setup_;
  web::live::route_function no_route_ = [](std::string_view) { return std::nullopt; };
  web::live::tree_memory memory_{web::live::hash_key{1, 2}};
};

}  // namespace beamline::test
