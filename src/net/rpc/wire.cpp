#include "net/rpc/wire.hpp"

#include "actors/message_contract.hpp"
#include "net/rpc/limits.hpp"

#include <utility>

namespace beamline::net::rpc {

namespace {

using kind = wire_reply::kind;

std::string cut(const std::string& text) { return text.substr(0, failure_text_bytes_max); }

wire_reply failure_to_wire(const failure& f, std::size_t causes) {
  wire_reply r;
  if (const auto* t = f.as<thrown>()) {
    r.what = kind::thrown;
    r.text = cut(t->value);
  } else if (const auto* e = f.as<exited>()) {
    r.what = e->by == exited::cause::signal ? kind::exited_signal : kind::exited_exception;
    r.number = static_cast<std::uint8_t>(e->why.why);
    r.text = cut(e->why.text);
  } else if (const auto* x = f.as<failed>()) {
    r.what = kind::failed;
    r.type = cut(x->type);
    r.text = cut(x->what);
    r.where = cut(x->where);
    if (x->cause && causes > 0)
      r.value = encode(failure_to_wire(*x->cause, causes - 1));
  } else {
    const auto& error_of_call = std::get<rpc_error>(f.get());
    r.what = kind::rpc_error;
    r.number = static_cast<std::uint8_t>(error_of_call.what);
    r.text = cut(error_of_call.text);
  }
  return r;
}

failure of_newer_release(const wire_reply& r) {
  return failed{"unknown", "the node answered with an outcome of a newer release: " + r.text, r.where, nullptr};
}

failure failure_from_wire(const wire_reply& r, std::size_t causes) {
  switch (r.what) {
    case kind::thrown: return thrown{r.text};
    case kind::exited_exception:
    case kind::exited_signal:
      if (r.number > static_cast<std::uint8_t>(reason::kind::kill))
        return of_newer_release(r);
      return exited{r.what == kind::exited_signal ? exited::cause::signal : exited::cause::exception,
                    {static_cast<reason::kind>(r.number), r.text}};
    case kind::failed: {
      failed f{r.type, r.text, r.where, nullptr};
      if (!r.value.empty() && causes > 0)
        if (auto cause = decode<wire_reply>(r.value))
          f.cause = std::make_shared<const failure>(failure_from_wire(*cause, causes - 1));
      return f;
    }
    case kind::rpc_error:
      if (r.number > static_cast<std::uint8_t>(rpc_error::kind::system_limit))
        return of_newer_release(r);
      return rpc_error{static_cast<rpc_error::kind>(r.number), r.text};
    case kind::value: break;
  }
  return of_newer_release(r);
}

}  // namespace

wire_reply to_wire(raw_outcome o) {
  if (const auto* f = std::get_if<failure>(&o))
    return failure_to_wire(*f, causes_max);
  wire_reply r;
  r.value = std::get<bytes>(std::move(o));
  return r;
}

raw_outcome from_wire(wire_reply r) {
  if (r.what == kind::value)
    return std::move(r.value);
  return failure_from_wire(r, causes_max);
}

void add_messages(message_contract& c) { c.add<wire_request, wire_cast, wire_reply>(); }

}  // namespace beamline::net::rpc
