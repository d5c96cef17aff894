#include "web/live/render_context.hpp"

#include <algorithm>
#include <stdexcept>

namespace beamline::web::live {

render_context::render_context(render_scope& scope, component_id myself, const assign<flash_messages>* flash) noexcept
    : scope_{scope}, myself_{myself}, flash_{flash == nullptr ? &scope.no_flash : flash} {}

changes render_context::begin(std::initializer_list<tracked> members) {
  if (has_begun_)
    throw std::logic_error{"live::render_context: begin was called twice in one render; call it once, with the members "
                           "of all parts"};
  has_begun_ = true;
  auto now = std::vector<std::uint32_t>{};
  now.reserve(members.size());
  auto mask = std::uint64_t{0};
  for (const auto& member : members) {
    const auto i = now.size();
    now.push_back(member.cell_ == nullptr ? 0 : version_of(*member.cell_));
    if (member.consumable_ != nullptr) {
      member.consumable_->join_view(scope_);
      consumables_.emplace_back(member.consumable_, now.back());
    }
    if (i >= sent_.size() || now.back() == 0 || now.back() != sent_[i])
      mask |= std::uint64_t{1} << std::min<std::size_t>(i, 63);
  }
  const auto is_all = is_full_ || !has_sent_ || sent_.size() != now.size();
  pending_ = std::move(now);
  was_partial_ = !is_all;
  return is_all ? changes::all() : changes{mask};
}

dynamic render_context::nested_view(const nested_view_spec& spec) {
  if (!scope_.nested)
    throw std::logic_error{"live::render_context: the view \"" + spec.id
                           + "\" cannot be nested here: this process has "
                             "no place for nested views"};
  return scope_.nested(spec);
}

void render_context::start(bool is_full) noexcept {
  is_full_ = is_full;
  has_begun_ = false;
  was_partial_ = false;
  consumables_.clear();
}

void render_context::sent() {
  // A member that was changed after it was rendered has another version, and keeps what it has.
  for (const auto& [cell, version] : consumables_)
    if (cell->version() == version)
      cell->consume();
  consumables_ = {};
  if (has_begun_)
    sent_ = std::exchange(pending_, {});
  has_sent_ = true;
  has_begun_ = false;
}

std::uint32_t render_context::version_of(const tracked_cell& cell) {
  if (cell.version_ == 0)
    cell.version_ = ++scope_.versions;
  return cell.version_;
}

}  // namespace beamline::web::live
