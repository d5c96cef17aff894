#pragma once

#include "web/live/assign.hpp"
#include "web/live/stream.hpp"
#include "web/live/view.hpp"

#include <cstdint>
#include <string>

namespace gallery {

namespace live = beamline::web::live;

struct list_row {
  std::int64_t id = 0;
  std::string text;
};

// How long the infinite list is, to be honest.
inline constexpr std::int64_t list_end = 2'000;
// The page never has more rows than this.
inline constexpr int list_kept = 120;
inline constexpr std::int64_t list_step = 40;

/// /list: a list that is loaded while it is scrolled, in both directions; the page keeps a window of it.
class list_page final : public live::view {
public:
  struct assigns {
    live::stream<list_row> rows{"rows"};
    live::assign<std::int64_t> first{1};  // What the page has.
    live::assign<std::int64_t> last{0};
  };

  void mount(const live::mount_params& p, live::view_socket& s) override;
  void handle_event(const live::event& e, live::view_socket& s) override;
  [[nodiscard]] live::rendered render(live::render_context& c) const override;
  [[nodiscard]] std::string title() const override;

private:
  void append();
  void prepend();

  assigns assigns_;
};

}  // namespace gallery
