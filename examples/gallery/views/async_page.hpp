#pragma once

#include "web/live/assign.hpp"
#include "web/live/async.hpp"
#include "web/live/view.hpp"

#include <cstdint>
#include <string>

namespace gallery {

namespace live = beamline::web::live;

/// /async: work that takes a while, in processes of its own.
class async_page final : public live::view {
public:
  struct assigns {
    live::assign<live::async_result<std::string>> forecast;
    live::assign<std::string> job{"not started"};
    live::assign<bool> is_job_running{false};
    live::assign<std::int64_t> clicks{0};  // The page goes on meanwhile.
  };

  void mount(const live::mount_params& p, live::view_socket& s) override;
  void handle_event(const live::event& e, live::view_socket& s) override;
  [[nodiscard]] live::rendered render(live::render_context& c) const override;
  [[nodiscard]] std::string title() const override;

private:
  enum class ending { good, bad };
  void load(ending how, bool is_reset, live::view_socket& s);
  void start_job(beamline::duration within, live::view_socket& s);

  assigns assigns_;
};

}  // namespace gallery
