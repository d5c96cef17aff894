#pragma once

#include "web/live/assign.hpp"
#include "web/live/view.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace beamline::interop {

namespace live = web::live;

/// /counter: events of all kinds, and every way to another page. /counter/missing: its handle_params answers 404.
class counter final : public live::view {
public:
  struct assigns {
    live::assign<int> count{0};
    live::assign<std::string> page{std::string{"one"}};
    live::assign<live::async_result<std::string>> weather;
  };

  void handle_params(const live::mount_params& p, live::view_socket& s) override;
  void handle_event(const live::event& e, live::view_socket& s) override;
  [[nodiscard]] live::rendered render(live::render_context& c) const override;
  [[nodiscard]] std::string title() const override;

private:
  // Both false: it is none of theirs.
  bool count(const live::event& e, live::view_socket& s);
  bool go(std::string_view name, live::view_socket& s);

  assigns assigns_;
};

}  // namespace beamline::interop
