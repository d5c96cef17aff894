#pragma once

#include "pubsub/presence/presence.hpp"
#include "web/live/assign.hpp"
#include "web/live/view.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace gallery {

namespace live = beamline::web::live;

struct person {
  std::string name;
  std::size_t windows = 0;  // In how many the page is open under that name.
  friend bool operator==(const person&, const person&) = default;
};

/// /presence?name=: who is here. The name is part of the address, so whoever reconnects is here again.
class presence_page final
    : public live::view_of<presence_page, beamline::presence::presence_diff, beamline::presence::count_changed> {
public:
  struct assigns {
    live::assign<std::string> name;  // Empty: only looks on.
    live::assign<std::string> problem;
    live::assign<std::vector<person>> people;
    live::assign<std::uint64_t> count{0};
  };

  void mount(const live::mount_params& p, live::view_socket& s) override;
  void handle_params(const live::mount_params& p, live::view_socket& s) override;
  void handle_event(const live::event& e, live::view_socket& s) override;
  void handle_info(const beamline::presence::presence_diff& m, live::view_socket& s);
  void handle_info(const beamline::presence::count_changed& m, live::view_socket& s);
  [[nodiscard]] live::rendered render(live::render_context& c) const override;
  [[nodiscard]] std::string title() const override;

private:
  void ask_who_is_here(live::view_socket& s);
  void come(const std::string& name, live::view_socket& s);
  void leave(const std::string& name, live::view_socket& s);

  assigns assigns_;
};

}  // namespace gallery
