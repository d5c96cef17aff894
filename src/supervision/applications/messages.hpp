#pragma once

// What the application controller is asked, as messages, and what it answers. Call them:
//
//   call<application_answer>(controller, ensure_all_started{{"blog"}}, 30s).then(...)
//   auto a = node.call_sync<application_answer>(controller, stop_application{"blog"}, 30s);          outside processes
//
// Starts and stops are carried out one after another, in order; lists are answered at once.

#include "supervision/applications/application.hpp"

#include <optional>

namespace beamline::supervision {

/// Why the controller did not do what it was asked.
struct application_error {
  enum class kind : std::uint8_t {
    not_found,  // No application of that name is loaded.
    already_loaded,
    already_started,
    not_started,    // It does not run; or its dependency `other` does not (S170).
    still_running,  // It cannot be unloaded before it was stopped.
    cycle,          // Its dependencies lead back to itself; `detail` has the path.
    invalid,        // `detail` says what is wrong with it.
    start_failed,   // `why`: what a hook failed with, or its tree.
    stopping,       // Everything is being stopped: nothing is started any more.
    busy,           // More requests are waiting than may: `application_requests_max`.
  };

  kind what = kind::not_found;
  std::string application{};
  std::string other{};   // The dependency in question.
  std::string detail{};  // For people.
  reason why{};
};
[[nodiscard]] std::string_view to_string(application_error::kind k) noexcept;
/// A sentence that names the application and the remedy.
[[nodiscard]] std::string to_string(const application_error& e);

/// Which applications were started or stopped, in that order; or why not.
struct application_answer {
  std::vector<std::string> applications{};
  std::optional<application_error> failed{};

  [[nodiscard]] bool ok() const noexcept { return !failed.has_value(); }
};

/// Makes it known. Answers application_answer.
struct load_application {
  application what;
};
struct unload_application {
  std::string name;
};

/// Starts one whose dependencies run. Without a type: its own. Answers application_answer.
struct start_application {
  std::string name;
  std::optional<application_type> type{};
};
/// Starts them and, before, what they depend on and does not run yet; names those started. When one fails, those are
/// stopped again, in reverse. Answers application_answer.
struct ensure_all_started {
  std::vector<std::string> names;
  std::optional<application_type> type{};
};
/// Its tree gets all the time it wants; its dependents are left alone (S172). Answers application_answer.
struct stop_application {
  std::string name;
};

/// Stops all in reverse start order, the one that is just being started included, and starts nothing any more. Each
/// step (a hook, a tree) gets half of what is left of the budget; then a hook is not waited for any longer, and a tree
/// is killed. Answers stop_report.
struct stop_all {
  duration budget = duration::max();
};
struct stop_report {
  std::vector<std::string> stopped;  // In this order.
  // What did not end in its time: "blog: its tree did not end and was killed".
  std::vector<std::string> hung;

  [[nodiscard]] bool is_clean() const noexcept { return hung.empty(); }
};

enum class application_state : std::uint8_t { loaded, starting, running, stopping };
[[nodiscard]] std::string_view to_string(application_state s) noexcept;

struct application_info {
  std::string name;
  std::string description;
  std::vector<std::string> dependencies;
  application_type type = application_type::temporary;
  application_state state = application_state::loaded;
  pid top;  // Its top supervisor; empty when it has none.
};
/// Those that are not just loaded, in start order. Answers application_list.
struct which_applications {};
/// All, by name. Answers application_list.
struct loaded_applications {};
using application_list = std::vector<application_info>;

/// Replaces one layer of the settings of each application named here, and calls `config_change` of those that run and
/// for which something differs now. Answers settings_answer.
struct change_settings {
  std::map<std::string, setting_values> values;
  application_settings::layer where = application_settings::layer::file;
};
struct settings_answer {
  std::vector<std::string> told;                       // Whose `config_change` took it.
  std::vector<std::pair<std::string, error>> refused;  // Whose failed; unknown applications, too.
};
/// Answers application_setting.
struct get_setting {
  std::string application;
  std::string key;
};
using application_setting = std::optional<json>;

/// The tree of an application ended by itself.
struct application_ended {
  std::string name;
  application_type type;
  reason why;

  /// Whether that ends the node (S173).
  [[nodiscard]] bool stops_system() const noexcept {
    return type == application_type::permanent || (type == application_type::transient && !why.is_normal());
  }
};

// Requests that wait while another one is carried out; one more is answered `busy`.
inline constexpr std::size_t application_requests_max = 1024;
// A further application is refused: `busy`.
inline constexpr std::size_t applications_max = 1024;

}  // namespace beamline::supervision
