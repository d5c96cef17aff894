#pragma once

#include "base/result.hpp"
#include "base/telemetry.hpp"

#include <cstdint>
#include <string_view>

/// What the store tells telemetry.
namespace beamline::store {

/// A group of transactions became durable (or failed as a whole: then `failed == batch`).
struct commit_done {
  static constexpr std::string_view event_name = "store.commit";
  std::uint64_t batch = 0;   // Transactions that shared the commit.
  std::uint64_t failed = 0;  // Those of them that were rolled back.
  std::uint64_t queued = 0;  // Still waiting behind them.
  duration took{};           // From the first statement until the data was on disk.
  BEAMLINE_EVENT(batch, failed, queued, took)
};

struct read_done {
  static constexpr std::string_view event_name = "store.read";
  bool ok = true;
  duration took{};
  BEAMLINE_EVENT(ok, took)
};

/// Trouble of the database itself or of code given to it (an exception), as opposed to a transaction that
/// was turned down by a constraint or by its own function.
struct store_error {
  static constexpr std::string_view event_name = "store.error";
  std::string_view operation;  // transact, read, migrate, backup or completion.
  errc code = errc::io;
  std::string_view message;
  BEAMLINE_EVENT(operation, code, message)
};

/// A request was refused because a queue was full.
struct request_refused {
  static constexpr std::string_view event_name = "store.refused";
  std::string_view operation;
  std::uint64_t queued = 0;
  BEAMLINE_EVENT(operation, queued)
};

struct migrated {
  static constexpr std::string_view event_name = "store.migrated";
  std::string_view app;
  int version = 0;  // The version reached.
  int applied = 0;  // How many migrations that took; 0 when the schema was up to date.
  duration took{};
  BEAMLINE_EVENT(app, version, applied, took)
};

/// A connection to a database server was made.
struct connected {
  static constexpr std::string_view event_name = "store.connected";
  std::string_view server;     // Its URL without the password.
  std::string_view role;       // writer or reader.
  std::uint64_t attempts = 1;  // That it took.
  BEAMLINE_EVENT(server, role, attempts)
};

/// A connection to a database server was lost. Until the next `connected`, what needs it is answered `unavailable`.
struct disconnected {
  static constexpr std::string_view event_name = "store.disconnected";
  std::string_view server;
  std::string_view role;
  std::string_view why;
  BEAMLINE_EVENT(server, role, why)
};

/// An attempt to make a lost connection again came to nothing.
struct connect_failed {
  static constexpr std::string_view event_name = "store.connect_failed";
  std::string_view server;
  std::string_view role;
  std::string_view why;
  std::uint64_t attempts = 0;  // In a row.
  duration pause{};            // Until the next one.
  BEAMLINE_EVENT(server, role, why, attempts, pause)
};

/// A backup is complete and on disk.
struct backed_up {
  static constexpr std::string_view event_name = "store.backup";
  std::string_view file;
  std::uint64_t octets = 0;
  duration took{};
  BEAMLINE_EVENT(file, octets, took)
};

}  // namespace beamline::store
