#pragma once

#include "web/live/assign.hpp"
#include "web/live/view.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace gallery {

namespace live = beamline::web::live;

/// /printout: a long text that the server forgets as soon as the page has it.
class printout final : public live::view {
public:
  struct assigns {
    live::temporary<std::vector<std::string>> lines;
    live::assign<std::int64_t> printed{0};  // How often.
    live::assign<std::int64_t> held{0};     // How many lines the server had when it was last asked.
    live::assign<std::int64_t> asked{0};
  };

  void handle_event(const live::event& e, live::view_socket& s) override;
  [[nodiscard]] live::rendered render(live::render_context& c) const override;
  [[nodiscard]] std::string title() const override;

private:
  assigns assigns_;
};

/// How many lines a printout has.
inline constexpr std::int64_t printout_lines = 500;

}  // namespace gallery
