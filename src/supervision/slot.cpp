#include "supervision/slot.hpp"

namespace beamline::supervision {

slot& slot_table::add(child_spec spec, bool is_added) {
  auto position = ++last_position_;
  auto& s = slots_[position];
  s.spec = std::move(spec);
  s.position = position;
  s.is_added = is_added;
  by_id_.emplace(s.spec.id, &s);
  return s;
}

void slot_table::remove(slot& s) {
  by_id_.erase(s.spec.id);
  by_ref_.erase(s.ref);
  slots_.erase(s.position);
}

slot* slot_table::find(std::string_view id) {
  auto i = by_id_.find(id);
  return i == by_id_.end() ? nullptr : i->second;
}

const slot* slot_table::find(std::string_view id) const {
  auto i = by_id_.find(id);
  return i == by_id_.end() ? nullptr : i->second;
}

slot* slot_table::find_ref(std::uint64_t ref) {
  auto i = by_ref_.find(ref);
  return i == by_ref_.end() ? nullptr : i->second;
}

slot* slot_table::at(std::uint64_t position) {
  auto i = slots_.find(position);
  return i == slots_.end() ? nullptr : &i->second;
}

void slot_table::set_ref(slot& s, std::uint64_t ref) {
  if (s.ref != 0)
    by_ref_.erase(s.ref);
  s.ref = ref;
  if (ref != 0)
    by_ref_.emplace(ref, &s);
}

void slot_table::replace_spec(slot& s, child_spec spec) {
  by_id_.erase(s.spec.id);
  s.spec = std::move(spec);
  by_id_.emplace(s.spec.id, &s);
}

void slot_table::move_to_end(slot& s) {
  auto node = slots_.extract(s.position);
  s.position = ++last_position_;
  node.key() = s.position;
  slots_.insert(std::move(node));
}

}  // namespace beamline::supervision
