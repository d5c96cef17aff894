#pragma once

// The views that the tests of this folder drive.

#include "web/live/component.hpp"
#include "web/live/component_socket.hpp"
#include "web/live/components/form.hpp"
#include "web/live/form_schema.hpp"
#include "web/live/js.hpp"
#include "web/live/render_context.hpp"
#include "web/live/stream.hpp"
#include "web/live/view.hpp"

#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace beamline::testing::sample {

namespace live = web::live;

struct set_count {
  long to;
};

/// Counts; goes elsewhere; crashes.
class counter final : public live::view_of<counter, set_count> {
public:
  void mount(const live::mount_params& p, live::view_socket& s) override {
    if (p.params.contains("deny"))
      s.redirect("/form");
    is_connected_ = s.connected();
    if (const auto* user = find_string(p.session, "user"))
      user_ = *user;
  }
  void handle_params(const live::mount_params& p, live::view_socket&) override {
    const auto* page = find_string(p.params, "page");
    page_ = page == nullptr ? "one" : *page;
  }
  void handle_event(const live::event& e, live::view_socket& s) override {
    if (e.name == "inc")
      count_ += e.value.contains("by") ? std::stol(e.value.at("by").get<std::string>()) : 1;
    else if (e.name == "later")
      s.run_after(5s, [this] { count_ = 100; });
    else if (e.name == "key")
      page_ = e.value.at("key").get<std::string>();
    else if (e.name == "patch")
      s.patch("/counter?page=two");
    else if (e.name == "go")
      s.navigate("/form");
    else if (e.name == "leave") {
      s.put_flash("info", "bye");
      s.redirect("/counter?page=gone");
    } else if (e.name == "ask") {
      s.push_event("beep", {{"times", 2}});
      s.reply({{"answer", e.value}});
    } else {
      throw std::runtime_error{"boom"};
    }
  }
  void handle_info(const set_count& m, live::view_socket&) { count_ = m.to; }

  [[nodiscard]] live::rendered render(live::render_context& c) const override {
    namespace js = live::js;
    static const live::statics tpl{
        {"<h1>Counter</h1><p id=\"count\">", "</p><p id=\"page\" phx-window-keydown=\"key\" phx-key=\"Escape\">",
         "</p><p id=\"user\">", "</p><p id=\"flash\">", "</p><p id=\"mode\">",
         "</p><button id=\"inc\" phx-click=\"inc\">+</button><button id=\"five\" phx-click=\"inc\" phx-value-by=\"5\">"
         "<b>+5</b></button><button id=\"off\" phx-click=\"inc\" disabled>off</button><button id=\"js\" phx-click=\"",
         "\">js</button><button phx-click=\"later\">later</button><button phx-click=\"patch\">patch</button>"
         "<button phx-click=\"go\">go</button><button phx-click=\"leave\">leave</button>"
         "<button id=\"boom\" phx-click=\"boom\">boom</button>"
         "<a id=\"two\" href=\"/counter?page=2\" data-phx-link=\"patch\" data-phx-link-state=\"push\">two</a>"
         "<a id=\"form\" href=\"/form\" data-phx-link=\"redirect\" data-phx-link-state=\"push\">form</a>"
         "<a id=\"plain\" href=\"/counter\">plain</a><div id=\"hook\" phx-hook=\"Beep\"></div>"}};
    const auto info = c.flash().find("info");
    return live::rendered{tpl,
                          count_,
                          page_,
                          user_,
                          info == c.flash().end() ? "" : info->second,
                          is_connected_ ? "live" : "dead",
                          js::push("inc", {.value = {{"by", "2"}}}).add_class("hot", {.to = "#count"})};
  }
  [[nodiscard]] std::string title() const override { return "Count " + std::to_string(count_); }

private:
  long count_ = 0;
  bool is_connected_ = false;
  std::string page_;
  std::string user_;
};

struct signup {
  std::string name;
  int age = 0;
  bool terms = false;
};

/// A form with validation.
class signup_form final : public live::view {
public:
  void mount(const live::mount_params&, live::view_socket&) override { show(schema().cast({})); }
  void handle_event(const live::event& e, live::view_socket& s) override {
    auto checked = schema().cast({}, live::form_params(e, "u"));
    if (e.name == "crash")
      throw std::runtime_error{"boom"};
    if (e.name == "save" && checked.is_valid()) {
      s.put_flash("info", "welcome " + checked.value().name);
      return s.navigate("/counter?page=saved");
    }
    target_ = live::form_target(e).empty() ? "" : live::form_target(e).back();
    show(checked);
  }
  [[nodiscard]] live::rendered render(live::render_context& c) const override {
    namespace ui = live::components;
    auto a = ui::form_attrs{};
    a.for_ = form_;
    a.rest.set("phx-change", "validate").set("phx-submit", "save");
    a.inner_block.add([this](const live::form& f) { return fields(f); });
    static const live::statics tpl{
        {"", "<p id=\"target\">", "</p><button id=\"crash\" phx-click=\"crash\">crash</button>"}};
    return live::rendered{tpl, ui::form(a, c), target_};
  }

private:
  static const live::form_schema<signup>& schema() {
    static const auto made = live::form_schema<signup>{}
                                 .field("name", &signup::name, live::required(), live::length({.min = 2}))
                                 .field("age", &signup::age, live::in_range(18, 130))
                                 .field("terms", &signup::terms, live::accepted());
    return made;
  }
  void show(const live::changeset<signup>& c) { form_ = live::to_form(c, {.as = "u"}); }
  live::rendered fields(const live::form& f) const {
    static const live::statics tpl{
        {"<input name=\"u[name]\" value=\"", "\"><b id=\"name-error\">", "</b><input name=\"u[age]\" value=\"",
         "\"><b id=\"age-error\">",
         "</b><input type=\"hidden\" name=\"u[terms]\" value=\"false\"><input type=\"checkbox\" "
         "name=\"u[terms]\" value=\"true\"",
         "><button>Save</button>"}};
    const auto first = [&](const char* field) {
      const auto errors = f[field].shown_errors();
      return errors.empty() ? std::string{} : errors.front();
    };
    return live::rendered{
        tpl, f["name"].text(), first("name"), f["age"].text(), first("age"), f["terms"].is_checked() ? " checked" : ""};
  }

  live::form form_;
  std::string target_;
};

struct line {
  int id;
  std::string text;
};

/// A stream, components and nested views.
class board final : public live::view {
public:
  /// Counts by itself.
  class leaf final : public live::component {
  public:
    struct attrs {
      std::string label;
    };
    void update(const attrs& a, live::component_socket&) { label_ = a.label; }
    void handle_event(const live::event& e, live::component_socket&) override {
      if (e.name != "bump")
        throw std::runtime_error{"boom"};
      count_ = count_ + 1;
    }
    [[nodiscard]] live::rendered render(live::render_context& c) const override {
      static const live::statics tpl{
          {"<div class=\"leaf\">", ": <b>", "</b><button phx-click=\"bump\" phx-target=\"", "\">bump</button></div>"},
          live::root_element::single};
      return live::rendered{tpl, label_, *count_, c.myself()};
    }

  private:
    std::string label_;
    live::assign<int> count_;
  };

  void mount(const live::mount_params&, live::view_socket&) override {
    lines_.insert({1, "one"});
    lines_.insert({2, "two"});
  }
  void handle_event(const live::event& e, live::view_socket&) override {
    if (e.name == "add")
      lines_.insert({3, "three"}, {.at = 0});
    else if (e.name == "drop")
      lines_.remove_by_id("lines-1");
    else if (e.name == "reset") {
      lines_.reset();
      lines_.insert({9, "nine"});
    } else if (e.name == "prune") {
      leaves_ = {"b"};
    } else {
      throw std::runtime_error{"boom"};
    }
  }
  [[nodiscard]] live::rendered render(live::render_context& c) const override {
    static const live::statics tpl{
        {"<ul id=\"lines\" phx-update=\"stream\">", "</ul>", "",
         "<button id=\"add\" phx-click=\"add\"></button><button id=\"drop\" "
         "phx-click=\"drop\"></button><button id=\"reset\" phx-click=\"reset\"></button><button "
         "id=\"prune\" phx-click=\"prune\"></button>"}};
    static const live::statics row{{"<li id=\"", "\">", "</li>"}};
    static const live::statics leaf_row{{"", ""}};
    (void)c.begin({lines_});
    auto rows = live::comprehension{row, lines_};
    for (const auto& [id, item] : lines_)
      rows.add(id, item.text);
    auto leaves = live::comprehension{leaf_row};
    for (const auto& name : leaves_)
      leaves.add_keyed(name, c.component<leaf>(name, {.label = name}));
    return live::rendered{tpl, std::move(rows), std::move(leaves), c.nested_view({.view = "clock", .id = "kid"})};
  }

private:
  live::stream<line> lines_{"lines"};
  std::vector<std::string> leaves_{"a", "b"};
};

/// A nested view.
class clock_view final : public live::view {
public:
  void mount(const live::mount_params&, live::view_socket&) override {}
  void handle_event(const live::event& e, live::view_socket&) override {
    if (e.name != "tick")
      throw std::runtime_error{"boom"};
    ++ticks_;
  }
  [[nodiscard]] live::rendered render(live::render_context&) const override {
    static const live::statics tpl{{"<i id=\"ticks\">", "</i><button id=\"tick\" phx-click=\"tick\">tick</button>"
                                                        "<button id=\"kid-boom\" phx-click=\"boom\">boom</button>"}};
    return live::rendered{tpl, ticks_};
  }

private:
  long ticks_ = 0;
};

}  // namespace beamline::testing::sample
