#pragma once

// What a dynamic supervisor is started from: its flags, its limits, and how its children are made.

#include "supervision/supervisor_spec.hpp"

#include <any>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <utility>

namespace beamline::supervision {

class nursery;
class nursery_state;

/// What all children of a *template* supervisor are made from (OTP's simple_one_for_one, S95). Made by `instances_of`.
struct child_template {
  child_spec spec;  // Its `start` is not used.
  // Makes one instance from the arguments its `start_instance` brought; called for each of its lives.
  std::function<start_outcome(starter&, const std::any& arguments)> start;
};

/// One more child of a template supervisor. Answers start_answer, as start_child does.
struct start_instance {
  std::any arguments;  // A std::tuple of exactly the types the template names; see `instance`.
};

/// The arguments of one instance: `instance(std::string{url}, 3)` for a template over <std::string, int>.
template <class... Args>
[[nodiscard]] start_instance instance(Args... args) {
  return {std::any{std::tuple<Args...>{std::move(args)...}}};
}

namespace detail {

/// "the template wants (std::string, int), the instance brought ..."; thrown, hence a failed start.
[[noreturn]] void throw_wrong_arguments(const std::type_info& wanted, const std::type_info& got);

template <class... More>
const std::tuple<More...>& arguments_of(const std::any& a) {
  const auto* held = std::any_cast<std::tuple<More...>>(&a);
  if (held == nullptr)
    throw_wrong_arguments(typeid(std::tuple<More...>), a.type());
  return *held;
}

/// A start function that waits for arguments its supervisor puts first; see `prepend`.
template <class... Extra>
struct start_with_extra {
  std::function<start_outcome(starter&, const Extra&...)> run;
  start_outcome operator()(starter&) const {
    return reason::custom("missing extra arguments: the child wants " + readable_name(typeid(std::tuple<Extra...>))
                          + " from its supervisor, whose spec has no such `adapt = prepend(...)`");
  }
};

}  // namespace detail

/// A template of workers `P(fixed..., more...)`: each instance is made from copies of `fixed`, followed by what its
/// start_instance brings.
///
///   dynamic_supervisor_spec{.instances = instances_of<download, url>("download", options)}
///   call<start_answer>(sup, instance(url{"..."}), 5s)
template <class P, class... More, class... Fixed>
[[nodiscard]] child_template instances_of(std::string label, Fixed... fixed) {
  child_template t;
  t.spec.id = std::move(label);
  t.spec.kind = readable_name(typeid(P));
  t.start = [... kept = std::move(fixed)](starter& by, const std::any& arguments) -> start_outcome {
    return std::apply([&](const auto&... more) { return by.spawn<P>(kept..., more...); },
                      detail::arguments_of<More...>(arguments));
  };
  return t;
}

/// A child `P(extra..., args...)` whose first arguments, of types `Extra`, come from its supervisor (I13).
///
///   child_with_extra<session, db_handle>("session", user)      below a supervisor with .adapt = prepend(db)
template <class P, class... Extra, class... Args>
[[nodiscard]] child_spec child_with_extra(std::string id, Args... args) {
  child_spec s;
  s.id = std::move(id);
  s.kind = readable_name(typeid(P));
  s.start = detail::start_with_extra<Extra...>{
      [... kept = std::move(args)](starter& by, const Extra&... extra) -> start_outcome {
        return by.spawn<P>(extra..., kept...);
      }};
  return s;
}

/// Puts copies of `extra` before the arguments of every child that was made by `child_with_extra` for these types;
/// other children start as they are (S110 extra_arguments).
template <class... Extra>
[[nodiscard]] std::function<void(child_spec&)> prepend(Extra... extra) {
  return [... kept = std::move(extra)](child_spec& s) {
    if (auto* wanting = s.start.target<detail::start_with_extra<Extra...>>())
      s.start = [run = std::move(wanting->run), kept...](starter& by) { return run(by, kept...); };
  };
}

/// A supervisor of children that come and go (S110): one_for_one, each with a spec of its own.
struct dynamic_supervisor_spec {
  static constexpr std::size_t unlimited = std::numeric_limits<std::size_t>::max();

  // `strategy` stays one_for_one and `auto_shutdown` never: there is no order and nobody is significant here.
  supervisor_flags flags{};
  // Starting, running and restarting ones together; one more start is answered `max_children` (S112).
  std::size_t max_children = unlimited;
  // Changes each spec before its child is started for the first time: `prepend(...)`, or limits, labels, policies.
  std::function<void(child_spec&)> adapt{};
  // All children are instances of this; start_child is then answered `unsupported`.
  std::optional<child_template> instances{};
  // Lets any thread start children here without asking the supervisor; see nursery.hpp.
  std::shared_ptr<nursery_state> births{};
};

/// `supervisor_data` errors (S110, S30): the message names the field, the value and what is allowed.
[[nodiscard]] result<void> check_dynamic_spec(const dynamic_supervisor_spec& s);
/// One child of a dynamic supervisor (S111): as `check_child_spec`, and not significant.
[[nodiscard]] result<void> check_dynamic_child(const child_spec& s);

/// S101, S102: new flags, limits and template for a running dynamic supervisor; its children stay. Lowered limits act
/// on later starts, a new template on new instances and on restarts. Answers change_answer.
struct update_dynamic_supervisor {
  dynamic_supervisor_spec spec;
};

}  // namespace beamline::supervision
