#pragma once

#include "web/live/assign.hpp"
#include "web/live/view.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace gallery {

namespace live = beamline::web::live;

inline constexpr std::int64_t planet_pages = 4;

struct planet {
  std::string name;
  double distance = 0;  // To the sun, in astronomical units.
  friend bool operator==(const planet&, const planet&) = default;
};

/// /navigation?page=&sort=: a list in pages, sorted one way or the other. The address says which.
class navigation final : public live::view {
public:
  struct assigns {
    live::assign<std::int64_t> page{1};
    live::assign<std::string> sort{"distance"};
    live::assign<std::vector<planet>> shown;
  };

  void handle_params(const live::mount_params& p, live::view_socket& s) override;
  void handle_event(const live::event& e, live::view_socket& s) override;
  [[nodiscard]] live::rendered render(live::render_context& c) const override;
  [[nodiscard]] std::string title() const override;

private:
  assigns assigns_;
};

/// /navigation/:place: another view of the same live session. There is only one place.
class place final : public live::view {
public:
  struct assigns {};

  void mount(const live::mount_params& p, live::view_socket& s) override;
  void handle_event(const live::event& e, live::view_socket& s) override;
  [[nodiscard]] live::rendered render(live::render_context& c) const override;
  [[nodiscard]] std::string title() const override;

private:
  assigns assigns_;
};

/// The address of a page of the list.
[[nodiscard]] std::string list_path(std::int64_t page, std::string_view sort);

}  // namespace gallery
