#pragma once

#include "base/log.hpp"
#include "base/time.hpp"
#include "program/control/dispatcher.hpp"
#include "program/control/door.hpp"
#include "program/control/limits.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include <boost/asio/io_context.hpp>

namespace beamline::program::control {

class session;

/// What the connections of one control server share. Used on its thread only, but for `way_in`.
struct context {
  context(std::string name, time_limits t, dispatcher& d, logger& l, const clock& c)
      : node{std::move(name)}, times{t}, verbs{d}, log{l}, time{c}, way_in{std::make_shared<door>(io)} {}

  const std::string node;  // "name@host"
  const time_limits times;
  dispatcher& verbs;
  logger& log;
  const clock& time;
  boost::asio::io_context io{1};
  const std::shared_ptr<door> way_in;
  std::map<std::uint64_t, std::shared_ptr<session>> sessions;
  std::uint64_t last_session_id = 0;
  bool is_ending = false;
  std::function<void()> on_empty;  // The last session has gone while the server ends.
};

}  // namespace beamline::program::control
