#include "supervision/component.hpp"

#include "actors/reason_codec.hpp"
#include "base/log.hpp"

#include <exception>

namespace beamline::supervision {

/// One life of the component. Read and written by jobs of the executor only.
struct component_host::slot {
  std::unique_ptr<component> what;

  /// How it failed, or nothing.
  std::optional<reason> make(const component_factory& factory, const component_context& c, bool& is_ignored) {
    try {
      auto made = factory(c);
      if (!made)
        return reason::custom(made.error().message);
      what = std::move(*made);
      is_ignored = what == nullptr;
      return std::nullopt;
    } catch (...) {
      return reason_from_exception(std::current_exception());
    }
  }

  void end(const reason& why, logger& log) {
    if (!what)
      return;
    try {
      what->stop(why);
    } catch (...) {
      log.error("supervision", "stop() of a component threw",
                {{"what", reason_from_exception(std::current_exception()).text}});
    }
    what.reset();
  }
};

component_host::component_host(process_context& c, component_factory make, std::shared_ptr<executor> on)
    : process{c}, make_{std::move(make)}, on_{std::move(on)}, slot_{std::make_shared<slot>()} {}

behavior component_host::init() {
  hold_start();
  trap_exits([this](const exit_signal& e) {
    if (e.from == parent() || !e.from)  // Its supervisor, or the node.
      end(e.why);
  });
  component_context context{env(), self(), resume_with([this](const reason& why) { end(why); })};
  auto made = resume_with([this](const std::optional<reason>& failed, bool is_ignored) {
    if (is_ignored && !ending_)
      return static_cast<void>(ignore_start());
    on_made(failed);
  });
  on_->run([s = slot_, make = make_, context = std::move(context), made = std::move(made)] {
    bool is_ignored = false;
    auto failed = s->make(make, context, is_ignored);
    made(failed, is_ignored);
  });
  return {};
}

void component_host::on_made(const std::optional<reason>& failed) {
  is_made_ = true;
  if (ending_)
    return;  // Its end is queued behind.
  if (failed)
    return stop(*failed);
  confirm_start();
}

/// The component first, then the process with it.
void component_host::end(const reason& why) {
  if (ending_)
    return;
  ending_ = why;
  on_->run([s = slot_, why, &log = env().log(), gone = resume_with([this, why] { stop(why); })] {
    s->end(why, log);
    gone();
  });
}

/// Killed: the component is left to its executor.
void component_host::terminate(const reason& why) {
  if (!ending_)
    on_->run([s = slot_, why, &log = env().log()] { s->end(why, log); });
}

child_spec child_component(std::string id, component_factory make, std::shared_ptr<executor> on) {
  auto spec = child<component_host>(std::move(id), std::move(make), std::move(on));
  spec.kind = "component";
  return spec;
}

}  // namespace beamline::supervision
