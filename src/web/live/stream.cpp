#include "web/live/stream.hpp"

#include "web/live/render_context.hpp"

#include <algorithm>
#include <cstdlib>
#include <stdexcept>
#include <utility>

namespace beamline::web::live {

stream_base::stream_base(std::string name) : name_{std::move(name)} {
  if (name_.empty())
    throw std::logic_error{"live::stream: a stream needs a name; the ids of its items begin with it"};
}

stream_base::~stream_base() { weigh(0); }

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
  if (removed_.emplace(dom_id).second)
    weigh(octets_ + dom_id.size() + stream_change_octets);
}

std::optional<std::uint64_t> stream_base::place(std::string dom_id, const stream_options& how,
                                                std::size_t item_octets) {
  touch();
  if (dom_id.empty())
    throw std::invalid_argument{"live::stream \"" + name_ + "\": an item has no id; the page could not find it again"};
  if (const auto known = by_id_.find(dom_id); known != by_id_.end()) {
    const auto at = known->second;
    auto& known_place = placements_.at(at);
    auto& first = known_place.options;
    // As if the page already had it: then its place is kept. It has not if the first was an update only, or if a limit
    // has removed it since.
    if (!may_be_trimmed(at) && (!first.is_update_only || how.is_update_only)) {
      first.limit = how.limit;
      const auto before = std::exchange(known_place.octets, dom_id.size() + item_octets + stream_change_octets);
      weigh(octets_ - before + known_place.octets);
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
  const auto octets = dom_id.size() + item_octets + stream_change_octets;
  const auto entry = placements_.emplace_hint(placements_.end(), ++last_, placement{std::move(dom_id), how, octets});
  weigh(octets_ + octets);
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
  weigh(0);
}

void stream_base::join_view(render_scope& of) const {
  if (number_ == 0)
    number_ = ++of.streams;
  if (octets_of_view_)
    return;
  if (!of.stream_octets)
    of.stream_octets = std::make_shared<std::size_t>(0);
  octets_of_view_ = of.stream_octets;
  *octets_of_view_ += octets_;
}

void stream_base::weigh(std::size_t now) const noexcept {
  if (octets_of_view_)
    *octets_of_view_ += now - octets_;
  octets_ = now;
}

void stream_base::drop(std::uint64_t at) {
  weigh(octets_ - placements_.at(at).octets);
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
