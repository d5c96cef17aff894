#pragma once

// A page of parts that are seldom seen together: components in the rows of a stream, a stream in a component, work that
// is waited for, a form that ends in a page load, a sticky view.

#include "supervision/tasks/task.hpp"
#include "web/live/assign.hpp"
#include "web/live/component.hpp"
#include "web/live/component_socket.hpp"
#include "web/live/presence_count.hpp"
#include "web/live/render_context.hpp"
#include "web/live/stream.hpp"
#include "web/live/view.hpp"

#include <stdexcept>
#include <string>

namespace beamline::testing::parts {

namespace live = web::live;

struct job {
  int id = 0;
  std::string name;
};

/// A component in a row of a stream: keeps its count while the row is updated.
class job_row final : public live::component {
public:
  struct attrs {
    std::string name;
  };
  struct assigns {
    live::assign<std::string> name;
    live::assign<int> runs{0};
  };
  void update(const attrs& a, live::component_socket&) { assigns_.name = a.name; }
  void handle_event(const live::event& e, live::component_socket& s) override {
    if (e.name != "run")
      return component::handle_event(e, s);
    assigns_.runs = *assigns_.runs + 1;
  }
  [[nodiscard]] live::rendered render(live::render_context& c) const override;

private:
  assigns assigns_;
};

/// A component with a stream of its own.
class journal final : public live::component {
public:
  struct attrs {};
  struct assigns {
    live::stream<job> notes{"notes"};
    live::assign<int> count{0};
  };
  void mount(live::component_socket&) override { assigns_.notes.insert({1, "first"}); }
  void update(const attrs&, live::component_socket&) {}
  void handle_event(const live::event& e, live::component_socket& s) override {
    if (e.name == "note") {
      assigns_.count = *assigns_.count + 1;
      assigns_.notes.insert({1 + *assigns_.count, "more"}, {.at = 0});
    } else if (e.name == "clear") {
      assigns_.notes.reset();
    } else {
      component::handle_event(e, s);
    }
  }
  [[nodiscard]] live::rendered render(live::render_context& c) const override;

private:
  assigns assigns_;
};

class workshop final : public live::view {
public:
  struct assigns {
    live::stream<job> jobs{"jobs"};
    live::assign<live::async_result<std::string>> weather;
    live::assign<bool> is_checked{false};
    live::assign<std::string> text{std::string{"-"}};
  };

  void mount(const live::mount_params&, live::view_socket& s) override {
    assigns_.jobs.insert({1, "saw"});
    assigns_.jobs.insert({2, "plane"});
    load(s, std::string{"sunny"});
  }
  void handle_event(const live::event& e, live::view_socket& s) override {
    if (e.name == "rename")
      assigns_.jobs.insert({1, "file"});
    else if (e.name == "add")
      assigns_.jobs.insert({3, "glue"}, {.at = 0});
    else if (e.name == "drop")
      assigns_.jobs.remove_by_id("jobs-1");
    else if (e.name == "again")
      load(s, std::string{"rain"});
    else if (e.name == "fail")
      load(s, error{errc::unavailable, "no forecast"});
    else if (e.name == "reset")
      load(s, error{errc::unavailable, "no forecast"}, true);
    else if (e.name == "check")
      assigns_.is_checked = true;
    else
      view::handle_event(e, s);
  }
  [[nodiscard]] live::rendered render(live::render_context& c) const override;

private:
  /// Takes a second.
  void load(live::view_socket& s, result<std::string> value, bool is_reset = false) {
    s.assign_async(assigns_.weather,
                   [value](supervision::task_context& t, const supervision::task_promise<result<std::string>>& p) {
                     t.run_after(1s, [p, value] { p.set(value); });
                   },
                   {.is_reset = is_reset});
  }

  assigns assigns_;
};

/// The other page of the sticky view.
class office final : public live::view {
public:
  struct assigns {};
  [[nodiscard]] live::rendered render(live::render_context& c) const override;

private:
  assigns assigns_;
};

/// Watches how many are in a room.
class audience final : public live::view_of<audience, presence::count_changed> {
public:
  void mount(const live::mount_params&, live::view_socket& s) override {
    live::watch_count(s, "room");
    live::unwatch_count(s, "room");
  }
  void handle_info(const presence::count_changed&, live::view_socket&) {}
  [[nodiscard]] live::rendered render(live::render_context&) const override {
    static const live::statics tpl{{"<p>somebody</p>"}};
    return live::rendered{tpl};
  }
};

/// Plays on while the page is another.
class radio final : public live::view {
public:
  struct assigns {
    live::assign<int> songs{0};
  };
  void handle_event(const live::event& e, live::view_socket& s) override {
    if (e.name != "next")
      return view::handle_event(e, s);
    assigns_.songs = *assigns_.songs + 1;
  }
  [[nodiscard]] live::rendered render(live::render_context& c) const override;

private:
  assigns assigns_;
};

}  // namespace beamline::testing::parts
