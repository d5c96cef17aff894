#pragma once

#include "web/live/diff.hpp"
#include "web/live/view.hpp"

#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace beamline::web::live {

/// Where a view wants the browser to go.
using navigation = std::variant<std::monostate, patch_to, navigate_to, redirect_to>;

/// Which view a path leads to, in this endpoint.
using route_function = std::function<std::optional<mount_params>(std::string_view url)>;

/// What both processes that run a view share: the view, and what its calls asked for.
class view_process : public process {
public:
  // More patches in one call of a view than this are an endless circle: the view crashes.
  static constexpr int chained_patches_max = 20;
  // More events waiting for one browser than this mean a view that pushes without end: it crashes.
  static constexpr std::size_t pending_events_max = 1024;

protected:
  view_process(process_context& c, std::unique_ptr<view> v, bool is_connected, flash_messages flash);
  ~view_process() override;

  /// Mounts the view; patches it asked for are carried out.
  void mount_view(mount_params p, const route_function& route);
  /// Shows the view another URL of its own, and carries out the patches it asks for.
  void patch_view(mount_params p, const route_function& route);
  /// Runs `call(view, socket)` and the patches it asks for.
  template <class F>
  void run_view(F call, const route_function& route) {
    call(*view_, socket());
    follow_patches(route);
  }
  /// What the page should show now.
  [[nodiscard]] rendered render_view();
  [[nodiscard]] std::string view_title() const { return view_->title(); }

  [[nodiscard]] view& the_view() noexcept { return *view_; }
  [[nodiscard]] view_socket& socket() noexcept;
  /// Takes what was asked for; afterwards nothing is.
  [[nodiscard]] navigation take_navigation();
  [[nodiscard]] std::optional<patch_to> take_patch();
  [[nodiscard]] std::vector<push_event> take_events();
  [[nodiscard]] std::string take_reply();
  [[nodiscard]] flash_messages& flash() noexcept { return flash_; }
  [[nodiscard]] json flash_json() const;

private:
  class socket_impl;

  void follow_patches(const route_function& route);
  /// Called after something ran in a turn of the process that no event asked for.
  virtual void changed() = 0;

  std::unique_ptr<view> view_;
  bool is_connected_;
  mount_params params_;
  flash_messages flash_;
  std::vector<push_event> events_;
  std::string reply_;
  navigation navigation_;
  std::optional<patch_to> patched_;  // Carried out, not yet told to the browser.
  std::unique_ptr<socket_impl> socket_;
};

}  // namespace beamline::web::live
