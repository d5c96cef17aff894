#include "net/rpc/failure.hpp"

#include "actors/process_stats.hpp"

#include <typeinfo>
#include <utility>

namespace beamline::net::rpc {

namespace {

template <class... Fs>
struct overloaded : Fs... {
  using Fs::operator()...;
};
template <class... Fs>
overloaded(Fs...) -> overloaded<Fs...>;

failure signal_or_exception(const reason& why) {
  switch (why.why) {
    // What a handler threw; the process that served the call has died of it.
    case reason::kind::crashed: return failed{"exception", why.text, {}, nullptr};
    case reason::kind::killed:
    case reason::kind::kill: return exited{exited::cause::signal, reason::killed()};
    default: return exited{exited::cause::exception, why};
  }
}

}  // namespace

std::string_view to_string(rpc_error::kind k) noexcept {
  switch (k) {
    case rpc_error::kind::noconnection: return "noconnection";
    case rpc_error::kind::timeout: return "timeout";
    case rpc_error::kind::notsup: return "notsup";
    case rpc_error::kind::badarg: return "badarg";
    case rpc_error::kind::system_limit: return "system_limit";
  }
  return "unknown";
}

std::string_view status_of(const failure& f) noexcept {
  return std::visit(overloaded{[](const thrown&) { return std::string_view{"thrown"}; },
                               [](const exited&) { return std::string_view{"exited"}; },
                               [](const failed&) { return std::string_view{"failed"}; },
                               [](const rpc_error& e) { return to_string(e.what); }},
                    f.get());
}

std::string to_string(const failure& f) {
  auto with = [](std::string text, const std::string& more) { return more.empty() ? text : text + ": " + more; };
  return std::visit(overloaded{[&](const thrown& t) { return with("thrown", t.value); },
                               [&](const exited& e) {
                                 auto is_signal = e.by == exited::cause::signal;
                                 return with(is_signal ? "exited by a signal" : "exited", beamline::to_string(e.why));
                               },
                               [&](const failed& e) {
                                 auto text = with(with("failed", e.type), e.what);
                                 if (!e.where.empty())
                                   text += " (" + e.where + ")";
                                 return e.cause ? text + ", because " + to_string(*e.cause) : text;
                               },
                               [&](const rpc_error& e) { return with(std::string{to_string(e.what)}, e.text); }},
                    f.get());
}

failure failure_of(const call_error& e, const std::string& callee) {
  switch (e.what) {
    case call_error::kind::timeout: return rpc_error{rpc_error::kind::timeout, callee};
    case call_error::kind::noproc: return rpc_error{rpc_error::kind::notsup, callee + " is not there"};
    case call_error::kind::noconnection: return rpc_error{rpc_error::kind::noconnection, callee};
    case call_error::kind::busy: return rpc_error{rpc_error::kind::system_limit, callee + " has too much to do"};
    case call_error::kind::crashed: break;
  }
  if (e.why.why == reason::kind::custom && e.why.text.starts_with("notsup"))
    return rpc_error{rpc_error::kind::notsup, e.why.text};
  return signal_or_exception(e.why);
}

failure failure_of_exception(const std::string& where) {
  try {
    throw;
  } catch (const throw_value& t) {
    return thrown{t.what()};
  } catch (const exit_with& e) {
    return exited{exited::cause::exception, e.why()};
  } catch (const call_failed& e) {
    return nested(e.why(), where);
  } catch (const std::exception& e) {
    return failed{readable_name(typeid(e)), e.what(), where, nullptr};
  } catch (...) {
    return failed{"unknown", "something that is no std::exception was thrown", where, nullptr};
  }
}

failure nested(const failure& f, const std::string& where) {
  return failed{std::string{f.as<rpc_error>() != nullptr ? "rpc_error" : "call_failed"}, "a call of its own failed",
                where, std::make_shared<const failure>(f)};
}

}  // namespace beamline::net::rpc
