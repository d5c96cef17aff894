#include "store/postgres/errors.hpp"

#include "store/sql_text.hpp"

#include <algorithm>
#include <array>
#include <string>

#include <fmt/format.h>

namespace beamline::store::postgres {

namespace {

// Of a connection that may be there later; libpq's own words and those of a server that is not ready.
constexpr auto passing_troubles = std::to_array<std::string_view>(
    {"Is the server running", "could not translate host name", "timeout expired", "timed out", "the database system is",
     "too many clients", "too many connections", "remaining connection slots", "server closed the connection",
     "Connection refused", "Connection reset", "session is read-only", "session is not read-only",
     "terminating connection"});

/// The first line of what the server said, without "ERROR:".
std::string_view headline(std::string_view text) {
  text = text.substr(0, text.find('\n'));
  for (auto level : {"ERROR:", "FATAL:", "PANIC:"})
    if (text.starts_with(level))
      text.remove_prefix(std::string_view{level}.size());
  text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
  return text;
}

diagnosis lost(std::string_view server) { return {aftermath::lost, explain_loss(server)}; }

diagnosis turned_down(errc code, std::string_view text, std::string_view sql) {
  return {aftermath::failed, {code, fmt::format("{} in \"{}\"", headline(text), excerpt(sql))}};
}

/// Class 23: a constraint.
errc constraint(std::string_view state) {
  if (state == "23505")
    return errc::exists;
  if (state == "23503" || state == "23001" || state == "23P01")
    return errc::conflict;
  return errc::invalid;
}

bool is_loss(std::string_view state) {
  // Connection exceptions; shutdowns of the server; sessions that the server has ended because they sat idle.
  return state.starts_with("08") || state == "57P01" || state == "57P02" || state == "57P03" || state == "57P05"
      || state == "25P03";
}

bool is_to_repeat(std::string_view state, std::string_view text) {
  // Serialization, deadlock; a prepared statement whose answer has other columns since the schema changed.
  return state == "40001" || state == "40P01"
      || (state == "0A000" && text.find("cached plan must not change result type") != std::string_view::npos);
}

}  // namespace

diagnosis diagnose(std::string_view state, std::string_view text, std::string_view server, std::string_view sql,
                   bool is_interrupted) {
  if (is_loss(state))
    return lost(server);
  if (is_to_repeat(state, text))
    return {aftermath::to_repeat, {errc::busy, fmt::format("{} in \"{}\"", headline(text), excerpt(sql))}};
  if (state == "57014" && is_interrupted)
    return {aftermath::failed, {errc::cancelled, "interrupted because the store is closing"}};
  if (state == "57014")
    return {aftermath::failed, {errc::timeout, fmt::format("{} on {}: \"{}\"", headline(text), server, excerpt(sql))}};
  if (state == "55P03")
    return {aftermath::failed,
            {errc::unavailable, fmt::format("somebody else holds a lock in {} for longer than store.busy_timeout; end "
                                            "that transaction (see pg_stat_activity) and try again",
                                            server)}};
  if (state == "25006")
    return {aftermath::failed,
            {errc::denied, fmt::format("a read may not change the database, use transact: \"{}\"", excerpt(sql))}};
  if (state == "42501")
    return {aftermath::failed,
            {errc::denied,
             fmt::format("{} in {}; give the node's role the right: \"{}\"", headline(text), server, excerpt(sql))}};
  if (state.starts_with("23"))
    return turned_down(constraint(state), text, sql);
  if (state.starts_with("53") || state.starts_with("58"))
    return {
        aftermath::failed,
        {errc::io, fmt::format("{} has no room or a failing disk ({}); see the server's log", server, headline(text))}};
  if (state.starts_with("XX"))
    return {aftermath::failed,
            {errc::corrupt, fmt::format("{} reports damage ({}); stop the node, see the server's log, restore a backup",
                                        server, headline(text))}};
  if (state.starts_with("54"))
    return turned_down(errc::too_large, text, sql);
  return turned_down(errc::invalid, text, sql);
}

error explain_refusal(std::string_view text, std::string_view server) {
  auto line = std::string{};
  for (char c : text)
    line += c == '\n' || c == '\t' ? ' ' : c;
  line.erase(line.find_last_not_of(' ') + 1);
  const bool is_passing = std::any_of(passing_troubles.begin(), passing_troubles.end(),
                                      [&](std::string_view words) { return line.find(words) != std::string::npos; });
  if (is_passing)
    return {errc::unavailable, fmt::format("no connection to {}: {}", server, line)};
  return {errc::denied, fmt::format("no connection to {}: {}; check BEAMLINE_DATABASE_URL, the role's rights and the "
                                    "server's pg_hba.conf",
                                    server, line)};
}

error explain_loss(std::string_view server) {
  return {errc::unavailable,
          fmt::format("the connection to {} was lost; nothing of the transaction stays, try again later", server)};
}

}  // namespace beamline::store::postgres
