#pragma once

#include "actors/node.hpp"
#include "program/control/dispatcher.hpp"

#include <cstdint>

namespace beamline::program {

/// What `beamline remote NODE` shows of the comments and does about them, on whichever node that is linked with an
/// accumulator, or is one; on a node with a blog, `cluster.remote_prefix` says which:
///
///   comments [SLUG] [COUNT]              the newest comments of a post, or with `all` of every one, in all states
///   comment hide|show|delete ID          decides about one; what is deleted is gone for good
///
/// Every result has a "text" for people. `n` must outlive the verbs.
void add_comment_verbs(control::dispatcher& verbs, node& n);

// Comments shown: by default, and at most.
inline constexpr std::int64_t comments_shown = 20;
inline constexpr std::int64_t comments_shown_max = 200;

}  // namespace beamline::program
