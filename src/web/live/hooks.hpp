#pragma once

#include "actors/call.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

/// Functions that run before a view's own: who may see it, what all views need, what is written down about them.
///
///   hook_result require_user(const mount_params& p, view_socket& s) {           // an on_mount hook of a live session
///     if (find_string(p.session, "user") == nullptr) {
///       s.redirect("/login");
///       return hook_result::halt;
///     }
///     s.attach_hook("audit", stage::handle_event, [](const event& e, view_socket& s) {
///       s.env().log().info("audit", "event", {{"name", e.name}});
///       return hook_result::cont;
///     });
///     return hook_result::cont;
///   }
///
/// Hooks of one stage run in the order they were attached. The first to halt ends the stage: neither later hooks nor
/// the view's own function are called. What a hook throws is a crash of the view.
namespace beamline::web::live {

struct event;
struct mount_params;
class view_socket;

enum class hook_result : std::uint8_t {
  cont,  // The next hook, then the view.
  halt,  // Nobody else sees it.
};

/// Runs before `mount`, in both renders. One that halts must have asked for a `redirect` or `navigate`; one that asks
/// for one must halt. Else std::logic_error.
using on_mount_hook = std::function<hook_result(const mount_params&, view_socket&)>;

/// A message as hooks see it.
class info_message {
public:
  explicit info_message(const caf::type_erased_tuple& content) : content_{&content} {}
  /// The message if it is an `M`, else null.
  template <class M>
  [[nodiscard]] const M* as() const {
    return content_->match_elements<M>() ? &content_->get_as<M>(0) : nullptr;
  }

private:
  const caf::type_erased_tuple* content_;
};

using params_hook = std::function<hook_result(const mount_params&, view_socket&)>;
using event_hook = std::function<hook_result(const event&, view_socket&)>;
using info_hook = std::function<hook_result(const info_message&, view_socket&)>;
using render_hook = std::function<void(view_socket&)>;

/// Where a hook can be attached.
namespace stage {
inline constexpr struct handle_params_stage {
} handle_params{};
inline constexpr struct handle_event_stage {
} handle_event{};
/// Also before messages that the view does not expect; halting keeps them from being reported as such.
inline constexpr struct handle_info_stage {
} handle_info{};
/// After each render that was sent. What it changes shows in the next one, which it does not cause.
inline constexpr struct after_render_stage { } after_render{}; }  // namespace stage

/// The hooks of one stage.
template <class F>
class hook_chain {
public:
  /// Throws std::invalid_argument when the name is taken.
  void attach(std::string name, F fn);
  /// False: there was none of that name.
  bool detach(std::string_view name);
  /// What is attached now: a hook may attach and detach others, which counts from the next time on.
  [[nodiscard]] std::vector<std::shared_ptr<const F>> all() const;

private:
  struct entry {
    std::string name;
    std::shared_ptr<const F> run;
  };
  std::vector<entry> entries_;
};

extern template class hook_chain<params_hook>;
extern template class hook_chain<event_hook>;
extern template class hook_chain<info_hook>;
extern template class hook_chain<render_hook>;

/// The hooks of one view. Belongs to its process.
struct view_hooks {
  hook_chain<params_hook> params;
  hook_chain<event_hook> events;
  hook_chain<info_hook> infos;
  hook_chain<render_hook> renders;

  [[nodiscard]] hook_chain<params_hook>& of(stage::handle_params_stage) noexcept { return params; }
  [[nodiscard]] hook_chain<event_hook>& of(stage::handle_event_stage) noexcept { return events; }
  [[nodiscard]] hook_chain<info_hook>& of(stage::handle_info_stage) noexcept { return infos; }
  [[nodiscard]] hook_chain<render_hook>& of(stage::after_render_stage) noexcept { return renders; }
};

/// Runs them until one halts.
template <class F, class... Args>
[[nodiscard]] hook_result run_hooks(const hook_chain<F>& chain, Args&&... args) {
  for (const auto& hook : chain.all())
    if ((*hook)(args...) == hook_result::halt)
      return hook_result::halt;
  return hook_result::cont;
}

}  // namespace beamline::web::live
