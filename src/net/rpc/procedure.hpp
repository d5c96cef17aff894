#pragma once

// Procedures: what other nodes may call here (D87). One is named as its request's message, and versioned as that is.
//
//   struct get_page { std::string slug; BEAMLINE_MESSAGE(get_page, "shop.get_page", 1, slug) };
//
//   auto p = function_procedure<get_page>([](const get_page& m) { return find(m.slug); });     a worker process per
//   call auto q = served_procedure<get_page, page>(self());                                         a call of this
//   process cast(rpc_on(env()), register_procedures{{p, q}, self()});
//
// The function is one of
//   R(const Request&)
//   R(const Request&, call_context&)                        with the tools of a process, and who calls
//   void(const Request&, call_context&, responder<R>)       the value comes later; `function_procedure<Request,
//   R>(...)`
// It is called in the worker, many at a time, so what it holds it shares. What it throws the caller gets (failure.hpp).

#include "actors/message_contract.hpp"
#include "actors/process_access.hpp"
#include "net/rpc/call_context.hpp"
#include "net/rpc/failure.hpp"
#include "net/rpc/value.hpp"

#include <cstddef>
#include <functional>
#include <string>
#include <type_traits>
#include <utility>

namespace beamline::net::rpc {

/// How much of a procedure may run and wait on a node; what is more is answered `system_limit` (D89).
struct procedure_options {
  std::size_t concurrency_max = 64;  // Called at the same time.
  std::size_t queue_max = 256;       // Waiting for their turn, in order.
  bool is_blocking = false;          // The function blocks: its workers get threads of their own. Keep concurrency low.
};

/// One procedure; a value, made by the functions below.
struct procedure {
  /// Runs in the worker or, of a served one, in the rpc process.
  using runner = std::function<void(call_context&, std::string_view arguments, const answer_function& answer)>;

  std::string name;
  std::string request_type;  // For descriptions; empty: not known.
  std::string reply_type;
  message_contract types{};  // The messages in both.
  procedure_options options{};
  bool has_worker = true;
  pid handler{};  // Of a served one.
  runner run;
};

/// What the handler of a raw procedure is called with; it answers with `bytes`.
struct procedure_call {
  std::string procedure;
  bytes arguments;
  std::string from_node;
};

namespace detail {

[[nodiscard]] std::string where_of(const process_access& p, const call_info& i);
[[nodiscard]] failure unreadable(const process_access& p, const call_info& i, const error& why);
/// How a call of the process that serves a procedure failed.
[[nodiscard]] failure failure_of_handler(const process_access& p, const call_info& i, const call_error& e);

template <class Request, class F>
struct result_of_function {
  using type = void;
};
template <class Request, class F>
  requires std::is_invocable_v<F&, const Request&>
struct result_of_function<Request, F> {
  using type = std::invoke_result_t<F&, const Request&>;
};
template <class Request, class F>
  requires std::is_invocable_v<F&, const Request&, call_context&>
struct result_of_function<Request, F> {
  using type = std::invoke_result_t<F&, const Request&, call_context&>;
};

template <class Request, class Reply, class F>
void run_function(const F& fn, call_context& c, const Request& request, const answer_function& answer) {
  auto give = [&](auto&& call) {
    if constexpr (std::is_void_v<Reply>) {
      call();
      answer(bytes{});
    } else {
      answer(encode_value<Reply>(call()));
    }
  };
  if constexpr (std::is_invocable_v<F&, const Request&, call_context&, responder<Reply>>)
    fn(request, c, responder<Reply>{answer, where_of(c, c.info())});
  else if constexpr (std::is_invocable_v<F&, const Request&, call_context&>)
    give([&] { return fn(request, c); });
  else
    give([&] { return fn(request); });
}

template <class T>
void add_types(message_contract& c) {
  if constexpr (wire_message<T>)
    c.add<T>();
  else if constexpr (!std::is_void_v<typename beamline::detail::field_parts<T>::element>)
    add_types<typename beamline::detail::field_parts<T>::element>(c);
}

template <wire_message Request, class Reply>
procedure describe(procedure_options o) {
  procedure p;
  p.name = std::string{Request::message_name};
  p.request_type = p.name;
  p.reply_type = value_type<Reply>();
  p.options = o;
  add_types<Request>(p.types);
  if constexpr (!std::is_void_v<Reply>)
    add_types<Reply>(p.types);
  return p;
}

}  // namespace detail

/// Runs `fn` in a process of its own for each call. `Reply` is to be said when `fn` answers later.
template <wire_message Request, class Reply, class F>
[[nodiscard]] procedure function_procedure(F fn, procedure_options o = {}) {
  auto p = detail::describe<Request, Reply>(o);
  p.run = [fn = std::move(fn)](call_context& c, std::string_view arguments, const answer_function& answer) {
    auto request = decode<Request>(arguments);
    if (!request)
      return answer(detail::unreadable(c, c.info(), request.error()));
    detail::run_function<Request, Reply>(fn, c, *request, answer);
  };
  return p;
}
template <wire_message Request, class F>
[[nodiscard]] procedure function_procedure(F fn, procedure_options o = {}) {
  return function_procedure<Request, typename detail::result_of_function<Request, F>::type, F>(std::move(fn), o);
}

/// Calls that process with the request; it answers at once or later, as with any call. No worker, so it is quick; what
/// one process serves it serves one after another, and `concurrency_max` bounds what it holds unanswered.
template <wire_message Request, class Reply>
[[nodiscard]] procedure served_procedure(pid handler, procedure_options o = {.concurrency_max = 4096}) {
  auto p = detail::describe<Request, Reply>(o);
  p.has_worker = false;
  p.handler = handler;
  p.run = [handler = std::move(handler)](call_context& c, std::string_view arguments, const answer_function& answer) {
    auto request = decode<Request>(arguments);
    if (!request)
      return answer(detail::unreadable(c, c.info(), request.error()));
    auto failed_with = [answer, c](const call_error& e) { answer(detail::failure_of_handler(c, c.info(), e)); };
    if constexpr (std::is_void_v<Reply>)
      c.call<void>(handler, std::move(*request), c.left()).then([answer] { answer(bytes{}); }, failed_with);
    else
      c.call<Reply>(handler, std::move(*request), c.left())
          .then([answer](const Reply& r) { answer(encode_value<Reply>(r)); }, failed_with);
  };
  return p;
}

/// Calls that process with a `procedure_call`, octets as they came; it answers with `bytes`, which are the octets of
/// the value. For who decodes by itself.
[[nodiscard]] procedure raw_procedure(std::string name, pid handler, procedure_options o = {.concurrency_max = 4096});
/// The same with the types said, so that the procedure can be described.
template <wire_message Request, class Reply>
[[nodiscard]] procedure raw_procedure_of(pid handler, procedure_options o = {.concurrency_max = 4096}) {
  auto p = detail::describe<Request, Reply>(o);
  auto raw = raw_procedure(p.name, std::move(handler), o);
  raw.request_type = std::move(p.request_type);
  raw.reply_type = std::move(p.reply_type);
  raw.types = std::move(p.types);
  return raw;
}

}  // namespace beamline::net::rpc
