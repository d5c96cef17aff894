#include "actors/reason_codec.hpp"

#include <caf/atom.hpp>
#include <caf/exit_reason.hpp>
#include <caf/message.hpp>
#include <caf/sec.hpp>

namespace beamline {

namespace {

constexpr caf::atom_value category = caf::atom("beamline");
// Beside the codes of reason::kind; they never leave the node.
constexpr std::uint8_t busy_code = 100;
constexpr std::uint8_t timeout_code = 101;

}  // namespace

caf::error to_caf(const reason& r) {
  if (r.is_normal())
    return {};
  // CAF treats its own kill specially (untrappable), so that one must be CAF's.
  if (r.why == reason::kind::killed)
    return caf::exit_reason::kill;
  return caf::error{static_cast<std::uint8_t>(r.why), category, caf::make_message(r.text)};
}

caf::error to_caf(const call_error& e) {
  switch (e.what) {
    case call_error::kind::timeout: return caf::error{timeout_code, category, caf::make_message(std::string{})};
    case call_error::kind::noproc: return to_caf(reason::noproc());
    case call_error::kind::noconnection: return to_caf(reason::noconnection());
    case call_error::kind::busy: return busy_error();
    case call_error::kind::crashed: break;
  }
  // A reason that means another kind of failure here keeps its text only: it happened to the callee, not to the call.
  switch (e.why.why) {
    case reason::kind::normal: return to_caf(reason::shutdown("the callee ended"));
    case reason::kind::noproc:
    case reason::kind::noconnection: return to_caf(reason::custom(to_string(e.why)));
    default: return to_caf(e.why);
  }
}

caf::error busy_error() { return caf::error{busy_code, category, caf::make_message(std::string{})}; }

reason reason_from_caf(const caf::error& e) {
  if (!e)
    return reason::normal();
  if (e.category() == category && e.code() <= static_cast<std::uint8_t>(reason::kind::custom)) {
    const auto& context = e.context();
    return {static_cast<reason::kind>(e.code()),
            context.match_elements<std::string>() ? context.get_as<std::string>(0) : std::string{}};
  }
  if (e == caf::exit_reason::kill)
    return reason::killed();
  if (e == caf::exit_reason::user_shutdown)
    return reason::shutdown();
  if (e == caf::exit_reason::remote_link_unreachable)
    return reason::noconnection();
  return reason::custom(caf::to_string(e));
}

reason reason_from_exception(const std::exception_ptr& p) {
  try {
    std::rethrow_exception(p);
  } catch (const std::exception& e) {
    return reason::crashed(e.what());
  } catch (...) {
    return reason::crashed("an exception that is not a std::exception");
  }
}

call_error call_error_from_caf(const caf::error& e) {
  if (e.category() == category && e.code() == busy_code)
    return {call_error::kind::busy, {}};
  if (e.category() == category && e.code() == timeout_code)
    return {call_error::kind::timeout, {}};
  if (e == caf::sec::request_receiver_down)
    return {call_error::kind::noproc, {}};
  auto r = reason_from_caf(e);
  if (r.why == reason::kind::noproc)
    return {call_error::kind::noproc, {}};
  if (r.why == reason::kind::noconnection)
    return {call_error::kind::noconnection, {}};
  return {call_error::kind::crashed, std::move(r)};
}

}  // namespace beamline
