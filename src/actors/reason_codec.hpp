#pragma once

// Reasons as CAF errors and back: what CAF renames after 0.17 (error categories) stays in the .cpp.

#include "actors/reason.hpp"

#include <caf/error.hpp>

#include <exception>

namespace beamline {

[[nodiscard]] caf::error to_caf(const reason& r);

/// The error a process answers requests with while its mailbox is full.
[[nodiscard]] caf::error busy_error();

/// What a call is answered with that failed for a reason of its own; `call_error_from_caf` gives it back.
[[nodiscard]] caf::error to_caf(const call_error& e);

[[nodiscard]] reason reason_from_caf(const caf::error& e);
[[nodiscard]] reason reason_from_exception(const std::exception_ptr& p);

/// What a failed request means to its caller.
[[nodiscard]] call_error call_error_from_caf(const caf::error& e);

}  // namespace beamline
