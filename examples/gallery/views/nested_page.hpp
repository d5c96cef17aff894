#pragma once

#include "web/live/assign.hpp"
#include "web/live/view.hpp"

#include <cstdint>
#include <string>

namespace gallery {

namespace live = beamline::web::live;

/// /nested and /nested/other: a page with a view in it, which has a view in it, and with a player that stays.
class nested_page final : public live::view {
public:
  struct assigns {
    live::assign<bool> is_other{false};
    live::assign<std::string> process;
  };

  void mount(const live::mount_params& p, live::view_socket& s) override;
  [[nodiscard]] live::rendered render(live::render_context& c) const override;
  [[nodiscard]] std::string title() const override;

private:
  assigns assigns_;
};

/// The view "inner", and another one in it: count, crash, each in a process of its own.
class inner_view final : public live::view {
public:
  struct assigns {
    live::assign<std::string> name;  // What its ids begin with: "child" or "grandchild".
    live::assign<std::int64_t> count{0};
    live::assign<std::string> process;
  };

  void mount(const live::mount_params& p, live::view_socket& s) override;
  void handle_event(const live::event& e, live::view_socket& s) override;
  [[nodiscard]] live::rendered render(live::render_context& c) const override;

private:
  assigns assigns_;
};

/// The view "player": plays a piece of silence, and goes on doing so while the pages around it change.
class player final : public live::view {
public:
  struct assigns {
    live::assign<std::int64_t> seconds{0};
    live::assign<bool> is_playing{true};
  };

  void mount(const live::mount_params& p, live::view_socket& s) override;
  void handle_event(const live::event& e, live::view_socket& s) override;
  [[nodiscard]] live::rendered render(live::render_context& c) const override;

private:
  void tick(live::view_socket& s);

  assigns assigns_;
};

/// 4:07
[[nodiscard]] std::string minutes_text(std::int64_t seconds);

}  // namespace gallery
