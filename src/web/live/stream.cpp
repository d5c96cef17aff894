#include "web/live/stream.hpp"

#include <algorithm>
#include <cstdlib>
#include <stdexcept>

namespace beamline::web::live {

stream_base::stream_base(std::string name) : name_{std::move(name)} {
  if (name_.empty())
    throw std::logic_error{"live::stream: a stream needs a name; the ids of its items begin with it"};
}

void stream_base::reset() {
  touch();
  consume();
  is_reset_ = true;
}

void stream_base::remove_by_id(std::string_view dom_id) {
  touch();
  if (const auto known = by_id_.find(dom_id); known != by_id_.end())
    drop(known->second);
  if (is_reset_)  // The page has no items but those inserted since.
    return;
  check_room();
  removed_.emplace(dom_id);
}

std::optional<std::uint64_t> stream_base::place(std::string dom_id, const stream_options& how) {
  touch();
  if (dom_id.empty())
    throw std::invalid_argument{"live::stream \"" + name_ + "\": an item has no id; the page could not find it again"};
  if (const auto known = by_id_.find(dom_id); known != by_id_.end()) {
    const auto at = known->second;
    auto& first = placements_.at(at).options;
    // As if the page already had it: then its place is kept. It has not if the first was an update only, or if a limit
    // has removed it since.
    if (!may_be_trimmed(at) && (!first.is_update_only || how.is_update_only)) {
      first.limit = how.limit;
      return at;
    }
    drop(at);
  }
  // The client would keep an element that the same message removes and updates.
  if (how.is_update_only && (is_reset_ || removed_.contains(dom_id)))
    return std::nullopt;
  check_room();
  if (how.limit)
    limit_min_ = std::min(limit_min_, static_cast<std::uint64_t>(std::abs(std::int64_t{*how.limit})));
  const auto [entry, is_new] = placements_.emplace(++last_, placement{std::move(dom_id), how});
  by_id_.emplace(entry->second.dom_id, last_);
  return last_;
}

void stream_base::consume() const noexcept {
  by_id_.clear();
  placements_.clear();
  removed_.clear();
  is_reset_ = false;
  limit_min_ = no_limit;
  drop_items();
}

std::uint32_t stream_base::numbered(std::uint32_t next) const noexcept {
  if (number_ == 0)
    number_ = next;
  return number_;
}

void stream_base::drop(std::uint64_t at) {
  by_id_.erase(placements_.at(at).dom_id);
  placements_.erase(at);
  drop_item(at);
}

/// True if what was inserted after `at` could, by its limit, have removed the item from the page.
bool stream_base::may_be_trimmed(std::uint64_t at) const { return last_ - at >= limit_min_; }

void stream_base::check_room() const {
  if (placements_.size() + removed_.size() >= stream_pending_max)
    throw std::length_error{"live::stream \"" + name_ + "\": " + std::to_string(stream_pending_max)
                            + " changes wait for a render; insert less at a time"};
}

}  // namespace beamline::web::live
