#pragma once

#include "web/live/assign.hpp"
#include "web/live/stream.hpp"
#include "web/live/view.hpp"

#include <cstdint>
#include <string>

namespace gallery {

namespace live = beamline::web::live;

struct stream_row {
  std::int64_t id = 0;
  std::string text;
};

/// /stream: a list of ten thousand rows. The page has them all; the server remembers only how far it has counted.
class stream_page final : public live::view {
public:
  struct assigns {
    live::stream<stream_row> rows{"rows"};
    live::assign<std::int64_t> last{0};    // The number of the newest row.
    live::assign<std::int64_t> chosen{3};  // Which one to update or remove.
    live::assign<std::int64_t> updates{0};
  };

  explicit stream_page(std::int64_t rows) : rows_{rows} {}

  void mount(const live::mount_params& p, live::view_socket& s) override;
  void handle_event(const live::event& e, live::view_socket& s) override;
  [[nodiscard]] live::rendered render(live::render_context& c) const override;
  [[nodiscard]] std::string title() const override;

private:
  void fill(std::int64_t count, const live::stream_options& how = {});
  void begin_anew(std::int64_t count);

  std::int64_t rows_;  // What the page begins with, and begins anew with.
  assigns assigns_;
};

}  // namespace gallery
