#pragma once

#include "actors/process_access.hpp"
#include "net/rpc/failure.hpp"
#include "net/rpc/time_limit.hpp"
#include "net/rpc/value.hpp"
#include "net/rpc/wire.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace beamline::net::rpc {

/// The value (std::monostate for void), or why there is none.
template <class R>
using outcome = std::variant<value_of<R>, failure>;

namespace detail {

/// Whom to call: a node by name, or whoever has a role.
struct target {
  enum class by : std::uint8_t { node, role };
  by what = by::node;
  std::string name;
  pid via{};  // For a role: the rpc process of this node; empty: whoever is registered so.
};

using raw_handler = std::function<void(raw_outcome)>;
/// Begins a call; `on_outcome` is called in a later turn of `self`.
void start(process_access self, const target& to, std::string procedure, bytes arguments, const time_limit& within,
           raw_handler on_outcome);
/// Empty, or the first thing that is wrong (D76).
[[nodiscard]] std::string objection_to(const target& to, const std::string& procedure, const bytes& arguments);
[[nodiscard]] result<void> start_cast(process_access self, const std::vector<std::string>& nodes,
                                      const std::string& procedure, const bytes& arguments);
/// One outcome per node, in order.
void start_many(process_access self, std::vector<std::string> nodes, const std::string& procedure, bytes arguments,
                const time_limit& within, std::function<void(std::vector<raw_outcome>)> on_outcomes);

template <class R>
[[nodiscard]] outcome<R> decoded(raw_outcome o) {
  if (auto* f = std::get_if<failure>(&o))
    return outcome<R>{std::in_place_index<1>, std::move(*f)};
  auto value = decode_value<R>(std::get<bytes>(o));
  if (!value)
    return outcome<R>{
        std::in_place_index<1>,
        failed{"unreadable", "the value is no " + value_type<R>() + ": " + value.error().message, {}, nullptr}};
  return outcome<R>{std::in_place_index<0>, std::move(*value)};
}

}  // namespace detail

/// A call that was prepared; `.then` makes it.
template <class R>
class [[nodiscard]] prepared_call {
public:
  prepared_call(process_access self, detail::target to, std::string procedure, bytes arguments, time_limit within)
      : self_{self},
        to_{std::move(to)},
        procedure_{std::move(procedure)},
        arguments_{std::move(arguments)},
        within_{within} {}

  /// `on_value(const R&)`, or `on_value()` for void; `on_failure(const failure&)`.
  template <class OnValue, class OnFailure>
  void then(OnValue on_value, OnFailure on_failure) && {
    detail::start(self_, to_, std::move(procedure_), std::move(arguments_), within_,
                  [v = std::move(on_value), f = std::move(on_failure)](raw_outcome o) mutable {
                    auto got = detail::decoded<R>(std::move(o));
                    if (auto* wrong = std::get_if<1>(&got))
                      f(*wrong);
                    else if constexpr (std::is_void_v<R>)
                      v();
                    else
                      v(std::get<0>(got));
                  });
  }
  /// Both in one: `fn(const outcome<R>&)`.
  template <class Fn>
  void then(Fn fn) && {
    detail::start(self_, to_, std::move(procedure_), std::move(arguments_), within_,
                  [f = std::move(fn)](raw_outcome o) mutable { f(detail::decoded<R>(std::move(o))); });
  }

private:
  process_access self_;
  detail::target to_;
  std::string procedure_;
  bytes arguments_;
  time_limit within_;
};

/// Many calls that were prepared; `.then(fn)` makes them and calls `fn(const std::vector<outcome<R>>&)` once.
template <class R>
class [[nodiscard]] prepared_multicall {
public:
  prepared_multicall(process_access self, std::vector<std::string> nodes, std::string procedure, bytes arguments,
                     time_limit within)
      : self_{self},
        nodes_{std::move(nodes)},
        procedure_{std::move(procedure)},
        arguments_{std::move(arguments)},
        within_{within} {}

  template <class Fn>
  void then(Fn fn) && {
    detail::start_many(self_, std::move(nodes_), procedure_, std::move(arguments_), within_,
                       [f = std::move(fn)](std::vector<raw_outcome> all) mutable {
                         std::vector<outcome<R>> typed;
                         typed.reserve(all.size());
                         for (auto& o : all)
                           typed.push_back(detail::decoded<R>(std::move(o)));
                         f(typed);
                       });
  }

private:
  process_access self_;
  std::vector<std::string> nodes_;
  std::string procedure_;
  bytes arguments_;
  time_limit within_;
};

}  // namespace beamline::net::rpc
