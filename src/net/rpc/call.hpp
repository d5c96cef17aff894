#pragma once

// Calls of procedures, as `erpc` means them (D70-D89). In a handler of a process:
//
//   rpc::call<page>(*this, "shop_1@10.0.0.2", get_page{"about"}, 2s)
//       .then([this](const page& p) {...}, [this](const rpc::failure& f) {...});
//   rpc::call_role<page>(*this, "shop", get_page{"about"}, 2s).then(...)
//   rpc::multicall<page>(*this, {"a@h", "b@h"}, get_page{"about"}, 2s)
//       .then([this](const std::vector<rpc::outcome<page>>& all) {...});        one per node, in that order
//   rpc::cast(*this, "a@h", get_page{"about"});
//
// Exactly one of the functions is called, once, in a later turn of the process (never, when it ends before), at the
// latest when the time is up; with an infinite limit, when the link is lost. Nothing of the call reaches it afterwards.
// The own node is called the same way (D78). Nothing is ever repeated: a call runs at most once; `timeout` and
// `noconnection` leave open whether it did (D72). Calls of one process to one node begin in its order and end in any
// (D85).

#include "actors/message_codec.hpp"
#include "actors/process_access.hpp"
#include "net/rpc/prepared_call.hpp"
#include "net/rpc/time_limit.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace beamline::net::rpc {

/// Calls the procedure that is named as its request on a node, by name.
template <class R, wire_message Request>
prepared_call<R> call(process& self, std::string node, const Request& request, time_limit within) {
  return {process_access{self},
          {detail::target::by::node, std::move(node)},
          std::string{Request::message_name},
          encode(request),
          within};
}

/// On this node, if it has the role itself, else on the first linked one by name that has it. `via`: the rpc process of
/// this node, for who holds it.
template <class R, wire_message Request>
prepared_call<R> call_role(process& self, std::string_view role, const Request& request, time_limit within,
                           pid via = {}) {
  return {process_access{self},
          {detail::target::by::role, std::string{role}, std::move(via)},
          std::string{Request::message_name},
          encode(request),
          within};
}

/// Calls a process, of whichever node, with the outcomes of this header: for who has its pid from elsewhere.
template <class R, class Request, class Fn>
void call_process(process& self, const pid& to, Request request, duration within, Fn fn) {
  auto f = std::make_shared<Fn>(std::move(fn));
  auto failed_with = [f, callee = to_string(to)](const call_error& e) {
    (*f)(outcome<R>{std::in_place_index<1>, failure_of(e, callee)});
  };
  if constexpr (std::is_void_v<R>)
    process_access{self}
        .call<R>(to, std::move(request), within)
        .then([f] { (*f)(outcome<R>{std::in_place_index<0>}); }, failed_with);
  else
    process_access{self}
        .call<R>(to, std::move(request), within)
        .then(
            [f](const R& r) {
              (*f)(outcome<R>{std::in_place_index<0>, r});
            },
            failed_with);
}

/// All at the same time, each node as often as it is in the list; one time limit for all. A node that cannot be reached
/// delays nobody. When anything is malformed nothing is sent, and every outcome is `badarg` (D81).
template <class R, wire_message Request>
prepared_multicall<R> multicall(process& self, std::vector<std::string> nodes, const Request& request,
                                time_limit within) {
  return {process_access{self}, std::move(nodes), std::string{Request::message_name}, encode(request), within};
}

/// Sends and forgets (D80). Error: `invalid` (badarg), and then nothing was sent; everything else is lost silently.
template <wire_message Request>
[[nodiscard]] result<void> cast(process& self, std::string node, const Request& request) {
  return detail::start_cast(process_access{self}, {std::move(node)}, std::string{Request::message_name},
                            encode(request));
}
/// The same to many (D82).
template <wire_message Request>
[[nodiscard]] result<void> multicast(process& self, const std::vector<std::string>& nodes, const Request& request) {
  return detail::start_cast(process_access{self}, nodes, std::string{Request::message_name}, encode(request));
}

}  // namespace beamline::net::rpc
