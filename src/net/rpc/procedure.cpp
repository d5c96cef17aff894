#include "net/rpc/procedure.hpp"

namespace beamline::net::rpc {

namespace detail {

std::string where_of(const process_access& p, const call_info& i) {
  return i.procedure + " on " + p.self().env().self()->name;
}

failure unreadable(const process_access& p, const call_info& i, const error& why) {
  return failed{"badarg", "the arguments cannot be read: " + why.message, where_of(p, i), nullptr};
}

failure failure_of_handler(const process_access& p, const call_info& i, const call_error& e) {
  auto where = where_of(p, i);
  switch (e.what) {
    // Its time was the caller's time: there is no other.
    case call_error::kind::timeout: return rpc_error{rpc_error::kind::timeout, where};
    // Between its end and the notice of it; afterwards the procedure is `undef`.
    case call_error::kind::noproc: return exited{exited::cause::exception, reason::noproc()};
    case call_error::kind::busy:
      return rpc_error{rpc_error::kind::system_limit, "the process behind " + where + " has too much to do"};
    default: break;
  }
  auto f = failure_of(e, where);
  if (const auto* x = f.as<failed>())
    return failed{x->type, x->what, where, x->cause};
  return f;
}

}  // namespace detail

procedure raw_procedure(std::string name, pid handler, procedure_options o) {
  procedure p;
  p.name = std::move(name);
  p.options = o;
  p.has_worker = false;
  p.handler = handler;
  p.run = [handler = std::move(handler)](call_context& c, std::string_view arguments, const answer_function& answer) {
    c.call<bytes>(handler, procedure_call{c.info().procedure, bytes{arguments}, c.info().from_node}, c.left())
        .then([answer](const bytes& value) { answer(value); },
              [answer, c](const call_error& e) { answer(detail::failure_of_handler(c, c.info(), e)); });
  };
  return p;
}

}  // namespace beamline::net::rpc
