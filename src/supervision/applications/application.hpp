#pragma once

#include "base/result.hpp"
#include "supervision/applications/hook.hpp"
#include "supervision/applications/settings.hpp"
#include "supervision/supervisor_spec.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace beamline::supervision {

/// What it means for the node when the top supervisor of an application ends by itself (S173).
enum class application_type : std::uint8_t {
  permanent,  // The node stops, whatever the reason.
  transient,  // The node stops, unless the reason is `normal`; as supervisors give up with `shutdown`, that stops it,
              // too.
  temporary,  // Logged only.
};
[[nodiscard]] std::string_view to_string(application_type t) noexcept;

/// What the hooks of an application are called with. A cheap value: hooks that finish later copy it.
class application_context {
public:
  application_context(std::string name, environment& env, std::shared_ptr<const application_settings> settings)
      : name_{std::move(name)}, env_{&env}, settings_{std::move(settings)} {}

  [[nodiscard]] const std::string& name() const noexcept { return name_; }
  [[nodiscard]] environment& env() const noexcept { return *env_; }
  /// As they were when the hook was called (S174).
  [[nodiscard]] const application_settings& settings() const noexcept { return *settings_; }

private:
  std::string name_;
  environment* env_;
  std::shared_ptr<const application_settings> settings_;
};

/// What a start hook answers: the top supervisor's spec; or how to start a top of another kind; or nothing, for an
/// application without processes; or why it cannot start.
using application_start = std::variant<std::monostate, supervisor_spec, start_function, reason>;

/// A part of a start that runs when the tree is up, before the next phase and before dependents are started.
struct start_phase {
  std::string name;
  hook<result<void>> run;
};

/// A part of a node that is started and stopped as a whole, as an OTP application: a value that describes it.
///
///   application{.name = "blog", .dependencies = {"store"},
///               .start = [](application_context&) { return supervisor_spec{.children = {child<catalogue>("posts")}};
///               }}
///
///   start order   `start` -> the tree it names -> each phase; the next application only then (S170, S171)
///   stop order    `prep_stop` while the tree is alive -> the tree -> `stop` (S172)
///   tree ended    `prep_stop` and `stop` run all the same, after it
///
/// `stop` runs whenever `start` succeeded, also when the tree or a phase failed after it: what `start` took is given
/// back. A failure of `prep_stop` or `stop` is logged and changes nothing else.
struct application {
  std::string name;
  std::string description{};
  std::vector<std::string> dependencies{};  // Started before this one.
  application_type type = application_type::temporary;
  setting_values settings{};  // The lowest layer (S174).
  hook<application_start> start{};
  std::vector<start_phase> phases{};
  hook<result<void>> prep_stop{};
  hook<result<void>> stop{};
  /// Called when settings of the running application have changed; its context shows the new ones.
  hook<result<void>, const setting_changes&> config_change{};
};

}  // namespace beamline::supervision
