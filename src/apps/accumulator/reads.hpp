#pragma once

#include "apps/accumulator/contracts.hpp"
#include "apps/accumulator/store.hpp"

/// What is read from the tables for those who ask.
namespace beamline::accumulator {

[[nodiscard]] metric_count count(tables& t, const metric& m);
[[nodiscard]] comment_list list(tables& t, const list_comments& m);
[[nodiscard]] comment_list list(tables& t, const recent_comments& m);

}  // namespace beamline::accumulator
