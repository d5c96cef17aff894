#include "net/discovery/log_notes.hpp"

#include <algorithm>
#include <string>

namespace beamline::net {

namespace {

using kind = discovery_note::kind;

constexpr std::string_view area = "discovery";
// The rest is counted.
constexpr std::size_t addresses_shown_max = 8;

std::string listed(const std::vector<endpoint>& all) {
  std::string out;
  for (std::size_t i = 0; i < std::min(all.size(), addresses_shown_max); ++i)
    out += (i == 0 ? "" : " ") + to_string(all[i]);
  if (all.size() > addresses_shown_max)
    out += " and " + std::to_string(all.size() - addresses_shown_max) + " more";
  return out;
}

log_level level_of(const discovery_note& n) {
  switch (n.outcome) {
    case connect_outcome::kind::stopped: return log_level::debug;  // This node itself is ending.
    case connect_outcome::kind::unreachable: return log_level::info;
    default: return log_level::warn;
  }
}

void log_trouble(logger& log, const discovery_note& n) {
  log.write(level_of(n), area, "cannot link",
            {{"address", listed(n.at)},
             {"node", n.node},
             {"why", word_of(n.outcome)},
             {"detail", n.detail},
             {"retry_in", n.retry}});
}

void log_query(logger& log, const discovery_note& n) {
  switch (n.what) {
    case kind::query_fails:
      log.warn(area, "query failed; nothing changes until it answers", {{"query", n.source}, {"why", n.detail}});
      break;
    case kind::query_works: log.info(area, "query answers again", {{"query", n.source}, {"addresses", n.count}}); break;
    case kind::query_empty: log.info(area, "query names nobody", {{"query", n.source}}); break;
    default:
      log.warn(area, "part of an answer is left out", {{"query", n.source}, {"entries", n.count}, {"why", n.detail}});
  }
}

}  // namespace

void log_note(logger& log, const discovery_note& n) {
  switch (n.what) {
    case kind::found: log.info(area, "found", {{"query", n.source}, {"addresses", listed(n.at)}}); break;
    case kind::own: log.debug(area, "this node's own address", {{"address", listed(n.at)}}); break;
    case kind::absent:
      log.info(area, "in no answer any more, not dialled from now on",
               {{"query", n.source}, {"addresses", listed(n.at)}});
      break;
    case kind::back: log.info(area, "named again", {{"query", n.source}, {"addresses", listed(n.at)}}); break;
    case kind::forgotten: log.debug(area, "forgotten", {{"addresses", listed(n.at)}}); break;
    case kind::trouble: log_trouble(log, n); break;
    case kind::reached: log.info(area, "reached", {{"address", listed(n.at)}, {"node", n.node}}); break;
    case kind::expelled:
      log.warn(area, "let go of a node that is in no answer any more (strict membership)", {{"node", n.node}});
      break;
    case kind::table_full:
      log.warn(area, "new addresses are not taken, there are too many; shorten what the query names",
               {{"query", n.source}, {"address", listed(n.at)}, {"limit", n.count}});
      break;
    case kind::query_fails:
    case kind::query_works:
    case kind::query_empty:
    case kind::query_excess: log_query(log, n);
  }
}

}  // namespace beamline::net
