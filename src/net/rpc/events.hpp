#pragma once

#include "base/telemetry.hpp"

#include <cstdint>
#include <string_view>

/// What remote calls tell telemetry.
namespace beamline::net::rpc {

/// A call that a process of this node made has its outcome. The names are those of the reference.
struct remote_call_done {
  static constexpr std::string_view event_name = "event_horizon.cluster.rpc";
  double duration_ms = 0;
  std::string_view module;    // Of the procedure's name, what stands before its last dot ...
  std::string_view function;  // ... and behind it.
  std::string_view status;    // `ok`, or status_of its failure.
  duration took{};            // As duration_ms, for code; not among the fields.
  BEAMLINE_EVENT(duration_ms, module, function, status)
};

/// A request came to its turn when nobody waited for it any more, and was not executed (D86).
struct request_expired {
  static constexpr std::string_view event_name = "rpc.request_expired";
  std::string_view procedure;
  std::string_view node;    // Of the caller.
  std::uint64_t total = 0;  // On this node so far.
  BEAMLINE_EVENT(procedure, node, total)
};

/// A request was refused: too many of its procedure, or of all, run and wait (D89).
struct request_refused {
  static constexpr std::string_view event_name = "rpc.request_refused";
  std::string_view procedure;
  std::string_view node;
  std::uint64_t total = 0;
  BEAMLINE_EVENT(procedure, node, total)
};

}  // namespace beamline::net::rpc
