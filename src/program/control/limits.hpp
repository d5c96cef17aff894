#pragma once

#include "base/time.hpp"

#include <cstddef>

/// Every bound of the control socket and what happens there.
namespace beamline::program::control {

// A longer request line is answered `too_large` and the connection is closed: where the next one begins is unknown.
inline constexpr std::size_t request_bytes_max = 64 * 1024;
// Arrays and objects nested deeper in a request are refused.
inline constexpr std::size_t request_depth_max = 32;
// A longer answer or item is replaced by the error `too_large`: ask for a smaller part.
inline constexpr std::size_t answer_bytes_max = 32 * 1024 * 1024;
// While this much of a stream waits for a client that reads too slowly, further items are dropped and counted.
inline constexpr std::size_t stream_pending_bytes_max = 4 * 1024 * 1024;
// Further connections are told `busy` and closed.
inline constexpr std::size_t connections_max = 32;
// Connections the system holds ready for us.
inline constexpr int accept_backlog = 32;
// When the process is out of descriptors, accepting rests for this long instead of spinning.
inline constexpr duration accept_pause = 100ms;

// A connection that asks nothing for this long is closed.
inline constexpr duration idle_time_max = 60s;
// From the first octet of a request line to its end; then `timeout`, and the connection is closed.
inline constexpr duration request_time_max = 10s;
// Time for a handler's answer, unless the verb or the request says otherwise; then `timeout`.
inline constexpr duration answer_time = 10s;
// The longest time a request may ask for.
inline constexpr duration answer_time_max = 10min;
// A client that takes no octet for this long is cut.
inline constexpr duration write_time_max = 30s;
// While an answer is under way, a line says this often that the node is alive.
inline constexpr duration alive_interval = 5s;
// Three missed ones: the client gives up.
inline constexpr duration silence_max = 15s;

/// The times that the server keeps; tests take shorter ones.
struct time_limits {
  duration idle = idle_time_max;
  duration request = request_time_max;
  duration write = write_time_max;
  duration alive = alive_interval;
};

// Names of verbs and arguments in answers are cut at this length.
inline constexpr std::size_t shown_bytes_max = 64;
// Positional arguments of one request.
inline constexpr std::size_t positional_max = 16;

}  // namespace beamline::program::control
