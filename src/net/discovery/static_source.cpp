#include "net/discovery/static_source.hpp"

#include <algorithm>
#include <cstddef>

namespace beamline::net {

namespace {

void add(source_answer& to, const result<endpoint>& e, expectation who) {
  auto at = e ? canonical_endpoint(*e) : std::nullopt;
  if (at)
    to.found.push_back({std::move(*at), std::move(who)});
  else
    ++to.unusable;
}

void settle(source_answer& a) { a.what = a.found.empty() ? source_answer::kind::nobody : source_answer::kind::found; }

}  // namespace

static_source::static_source(const std::vector<endpoint>& peers) {
  for (const auto& p : peers)
    add(answer_, p, {});
  settle(answer_);
}

std::vector<proposal> hint_source::told(const std::vector<links::hint>& hints) {
  source_answer heard;
  for (const auto& h : hints)
    if (!h.endpoint.empty())  // Else it listens nowhere, and will come by itself.
      add(heard, parse_endpoint(h.endpoint), {.name = h.name, .role = h.role});
  auto room = pending_max - std::min(pending_max, pending_.found.size());
  pending_.found.insert(pending_.found.end(), heard.found.begin(),
                        heard.found.begin() + static_cast<std::ptrdiff_t>(std::min(room, heard.found.size())));
  pending_.unusable += heard.unusable;
  settle(pending_);
  return std::move(heard.found);
}

void hint_source::resolve(on_answer done) { done(std::exchange(pending_, {.what = source_answer::kind::nobody})); }

}  // namespace beamline::net
