#pragma once

#include "web/live/assign.hpp"
#include "web/live/component.hpp"
#include "web/live/component_socket.hpp"
#include "web/live/view.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace gallery {

namespace live = beamline::web::live;

/// A counter that lives in its view, with a number of its own.
class counter_part final : public live::component {
public:
  struct attrs {
    std::string name;
    std::string unit;
    std::optional<std::int64_t> count{};  // None: as it is.
  };
  struct assigns {
    live::assign<std::string> name;
    live::assign<std::string> unit;
    live::assign<std::int64_t> count{0};
  };

  void update(const attrs& a, live::component_socket& s);
  void handle_event(const live::event& e, live::component_socket& s) override;
  [[nodiscard]] live::rendered render(live::render_context& c) const override;

private:
  assigns assigns_;
};

struct fruit {
  std::string name;
  std::string colour;
  int grams = 0;
  friend bool operator==(const fruit&, const fruit&) = default;
};

/// /components: function components with slots, and live components.
class components_page final : public live::view {
public:
  struct assigns {
    live::assign<std::vector<fruit>> fruits;
    live::assign<std::vector<std::string>> counters{{"a", "b", "c"}};
    live::assign<std::string> unit{"presses"};
  };

  void mount(const live::mount_params& p, live::view_socket& s) override;
  void handle_event(const live::event& e, live::view_socket& s) override;
  [[nodiscard]] live::rendered render(live::render_context& c) const override;
  [[nodiscard]] std::string title() const override;

private:
  void add_counter();

  assigns assigns_;
};

}  // namespace gallery
