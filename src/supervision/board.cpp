#include "supervision/board.hpp"

#include <algorithm>

namespace beamline::supervision {

supervisor_board::snapshot supervisor_board::read(time_point now) const {
  std::lock_guard lock{mutex_};
  snapshot s{.supervisor = supervisor_,
             .label = label_,
             .flags = flags_,
             .restarts_in_period = 0,
             .restarts = restarts_,
             .is_stopping = is_stopping_,
             .empty_slots = {},
             .zombies = {}};
  s.restarts_in_period = static_cast<std::size_t>(
      std::ranges::count_if(restart_times_, [&](time_point t) { return now - t <= flags_.period; }));
  for (const auto& [position, slot] : empty_slots_)
    s.empty_slots.push_back(slot);
  for (const auto& [ref, z] : zombies_) {
    s.zombies.push_back(z.info);
    s.zombies.back().zombie_for = now - z.since;
    s.zombies.back().handling_for += now - z.since;
  }
  return s;
}

void supervisor_board::set_flags(const supervisor_flags& f) {
  std::lock_guard lock{mutex_};
  flags_ = f;
}

void supervisor_board::note_restart(time_point now) {
  std::lock_guard lock{mutex_};
  ++restarts_;
  restart_times_.push_back(now);
  while (restart_times_.size() > static_cast<std::size_t>(flags_.intensity) + 1
         || now - restart_times_.front() > flags_.period)
    restart_times_.pop_front();
}

void supervisor_board::note_stopping() {
  std::lock_guard lock{mutex_};
  is_stopping_ = true;
}

void supervisor_board::put(empty_slot s) {
  std::lock_guard lock{mutex_};
  auto position = s.position;
  empty_slots_.insert_or_assign(position, std::move(s));
}

void supervisor_board::drop(std::uint64_t position) {
  std::lock_guard lock{mutex_};
  empty_slots_.erase(position);
}

void supervisor_board::add_zombie(std::uint64_t ref, zombie_info z, time_point since) {
  std::lock_guard lock{mutex_};
  zombies_.insert_or_assign(ref, zombie{std::move(z), since});
}

void supervisor_board::remove_zombie(std::uint64_t ref) {
  std::lock_guard lock{mutex_};
  zombies_.erase(ref);
}

void board_registry::add(std::uint64_t supervisor, std::shared_ptr<const supervisor_board> board) {
  std::lock_guard lock{mutex_};
  boards_.insert_or_assign(supervisor, std::move(board));
}

void board_registry::remove(std::uint64_t supervisor) {
  std::lock_guard lock{mutex_};
  boards_.erase(supervisor);
}

std::shared_ptr<const supervisor_board> board_registry::find(std::uint64_t supervisor) const {
  std::lock_guard lock{mutex_};
  auto i = boards_.find(supervisor);
  return i == boards_.end() ? nullptr : i->second;
}

std::map<std::uint64_t, std::shared_ptr<const supervisor_board>> board_registry::all() const {
  std::lock_guard lock{mutex_};
  return boards_;
}

}  // namespace beamline::supervision
